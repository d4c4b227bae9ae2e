/** The levels nearest to the live price, which may have passed levels since the analysis. Pure. */
import type { components } from "../api/schema";

type Level = components["schemas"]["NearestLevel"];

type Evidence = Partial<Omit<Level, "price" | "distance_pct">>;

export interface LiveLevel extends Evidence {
  price: number;
  /** The live price has passed the level since the analysis. */
  broken: boolean;
}

type NearLevel = Evidence & { price: number };

export interface AnalysedLevels {
  last_price: number;
  support_levels: readonly number[];
  resistance_levels: readonly number[];
  nearest: { support?: NearLevel | null; resistance?: NearLevel | null };
}

/** Return the nearest level below and above `last`. Only the two nearest ones of the analysis have evidence. */
export function findNearest(row: AnalysedLevels, last: number): { support: LiveLevel | null; resistance: LiveLevel | null } {
  const { support, resistance } = row.nearest;
  const wasBelow = new Set([...row.support_levels, ...(support ? [support.price] : [])]);
  const wasAbove = new Set([...row.resistance_levels, ...(resistance ? [resistance.price] : [])]);
  const evidence = (price: number) => [support, resistance].find((level) => level?.price === price);
  const toLevel = (price: number, broken: boolean): LiveLevel => ({ ...evidence(price), price, broken });
  const all = [...wasBelow, ...wasAbove];
  const below = Math.max(...all.filter((price) => price < last || (price === last && wasBelow.has(price))));
  const above = Math.min(...all.filter((price) => price > last || (price === last && wasAbove.has(price))));
  return {
    support: Number.isFinite(below) ? toLevel(below, !wasBelow.has(below)) : null,
    resistance: Number.isFinite(above) ? toLevel(above, !wasAbove.has(above)) : null,
  };
}
