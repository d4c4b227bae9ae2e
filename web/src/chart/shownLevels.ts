/** The levels of a row or of a publication as the page shows them. Pure. */
import type { Level } from "../stream/events";

export interface ShownLevel {
  /** Unique among those shown. */
  id: string;
  side: "support" | "resistance";
  price: number;
  low: number;
  high: number;
  /** Null for a row that another backend wrote: it has prices, and nothing that could be said of them. */
  evidence: Level | null;
}

interface Leveled {
  support_levels: readonly number[];
  resistance_levels: readonly number[];
  levels?: readonly Level[] | null;
}

/** From the highest price to the lowest, as they stand on the chart. */
export function shownLevels(row: Leveled): ShownLevel[] {
  const shown = row.levels
    ? row.levels.map(known)
    : [...row.support_levels.map(bare("support")), ...row.resistance_levels.map(bare("resistance"))];
  return shown.sort((one, other) => other.price - one.price);
}

function known(level: Level): ShownLevel {
  const { level_id: id, side, price, low, high } = level;
  return { id, side, price, low, high, evidence: level };
}

function bare(side: ShownLevel["side"]) {
  return (price: number): ShownLevel => ({ id: `${side}:${price}`, side, price, low: price, high: price, evidence: null });
}

/** How far the level is from the last price, in percent of that: above it positive. */
export function distanceOf(level: { price: number }, last: number): number {
  return ((level.price - last) / last) * 100;
}
