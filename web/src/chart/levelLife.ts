/** The life of a level as marks on its line: when it appeared, and when price changed its side. Pure. */
import type { components } from "../api/schema";
import type { Candle } from "./candles";

export type LevelEvent = components["schemas"]["LevelEventList"]["data"][number];

/** `at` is the open time (ms) of the bar that shows it. */
export interface LifeMark {
  at: number;
  kind: "appeared" | "flipped";
}

/** Return the marks within `candles` (ascending), oldest first. Touches and breaks are found in the candles themselves. */
export function toLifeMarks(events: readonly LevelEvent[], candles: readonly Candle[]): LifeMark[] {
  const marks: LifeMark[] = [];
  for (const { type, candle_at } of events) {
    if (type !== "appeared" && type !== "flipped") continue;
    const at = Date.parse(candle_at);
    const bar = candles.findLast((candle) => candle.time <= at);
    if (bar) marks.push({ at: bar.time, kind: type });
  }
  return marks.toSorted((one, other) => one.at - other.at);
}
