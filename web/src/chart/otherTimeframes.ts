/** Levels of a market's other timeframes beside those of the row that is shown, and where they meet. Pure. */
import { toDisplayLevels, type DisplayLevel, type LevelSource } from "./displayLevels";
import { isTimeframe, timeframeMs } from "./timeframes";

export interface TimeframeRow extends LevelSource {
  timeframe: string;
}

/** Read the timeframes of an address, shortest first; null where it has no such parameter. */
export function parseTimeframes(text: string | null): readonly string[] | null {
  return text === null ? null : sortTimeframes(text.split(",").filter(isTimeframe));
}

/** Return the timeframes without repetition, shortest first. */
export function sortTimeframes(timeframes: readonly string[]): string[] {
  return [...new Set(timeframes)].sort((one, other) => timeframeMs(one) - timeframeMs(other));
}

/** Return the levels of the rows whose timeframe is among `chosen`. */
export function toOtherLevels(rows: readonly TimeframeRow[], chosen: readonly string[]): DisplayLevel[] {
  return rows.filter(({ timeframe }) => chosen.includes(timeframe)).flatMap(labelLevels);
}

function labelLevels(row: TimeframeRow): DisplayLevel[] {
  const { timeframe } = row;
  return toDisplayLevels(row).map((level) => ({ ...level, id: `${timeframe}:${level.id}`, timeframe }));
}

/**
 * Put the levels of all timeframes together, the highest price first. Each one names the other timeframes that have a
 * level whose zone overlaps its own; `own` is the timeframe of the levels that name none.
 */
export function mergeLevels(levels: readonly DisplayLevel[], others: readonly DisplayLevel[], own: string): readonly DisplayLevel[] {
  if (others.length === 0) return levels;
  const all = [...levels, ...others].sort((one, other) => other.price - one.price);
  return all.map((level) => ({ ...level, meets: findMeeting(level, all, own) }));
}

function findMeeting(level: DisplayLevel, all: readonly DisplayLevel[], own: string): string[] {
  const timeframe = level.timeframe ?? own;
  const meeting = all.filter((other) => (other.timeframe ?? own) !== timeframe && overlap(level, other));
  return sortTimeframes(meeting.map((other) => other.timeframe ?? own));
}

function overlap(one: DisplayLevel, other: DisplayLevel): boolean {
  return one.low <= other.high && other.low <= one.high;
}
