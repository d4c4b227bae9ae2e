/** The levels of a row or publication in the form the page displays. Pure. */
import type { Level } from "../stream/events";

export interface DisplayLevel {
  /** Unique among the displayed levels. */
  id: string;
  side: "support" | "resistance";
  price: number;
  low: number;
  high: number;
  /** Null for a row of another backend, which has prices only. */
  evidence: Level | null;
}

interface LevelSource {
  support_levels: readonly number[];
  resistance_levels: readonly number[];
  levels?: readonly Level[] | null;
}

/** Convert the levels of a row, sorted from the highest price to the lowest. */
export function toDisplayLevels(row: LevelSource): DisplayLevel[] {
  const levels = row.levels
    ? row.levels.map(fromLevel)
    : [...row.support_levels.map(fromPrice("support")), ...row.resistance_levels.map(fromPrice("resistance"))];
  return levels.sort((one, other) => other.price - one.price);
}

function fromLevel(level: Level): DisplayLevel {
  const { level_id: id, side, price, low, high } = level;
  return { id, side, price, low, high, evidence: level };
}

function fromPrice(side: DisplayLevel["side"]) {
  return (price: number): DisplayLevel => ({ id: `${side}:${price}`, side, price, low: price, high: price, evidence: null });
}

/** How far the level is from the last price, in percent of that: above it positive. */
export function distance(level: { price: number }, last: number): number {
  return ((level.price - last) / last) * 100;
}
