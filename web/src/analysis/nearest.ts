/** The levels nearest to the live price, which may have passed levels since the analysis. Pure. */
import type { BoardLevel } from "../board/rows";

type Evidence = Partial<Omit<BoardLevel, "price" | "distance_pct">>;

export interface LiveLevel extends Evidence {
  price: number;
  /** The live price has passed the level since the analysis. */
  broken: boolean;
}

export interface AnalysedLevels {
  support_levels: readonly number[];
  resistance_levels: readonly number[];
  /** The levels that are known by more than their price. */
  known: readonly (Evidence & { price: number })[];
}

/** Return the nearest level below and above `last`. */
export function findNearest(row: AnalysedLevels, last: number): { support: LiveLevel | null; resistance: LiveLevel | null } {
  const below = findOnSide(row.support_levels, row.resistance_levels, (price) => price < last, last, Math.max);
  const above = findOnSide(row.resistance_levels, row.support_levels, (price) => price > last, last, Math.min);
  const toLevel = (found: { price: number; broken: boolean } | null) =>
    found && { ...row.known.find(({ price }) => price === found.price), ...found };
  return { support: toLevel(below), resistance: toLevel(above) };
}

/** `own` are the levels that were on this side at the analysis: at `last` itself they still are. */
function findOnSide(
  own: readonly number[],
  others: readonly number[],
  isOn: (price: number) => boolean,
  last: number,
  nearer: (...prices: number[]) => number,
): { price: number; broken: boolean } | null {
  const kept = own.filter((price) => price === last || isOn(price));
  const passed = others.filter(isOn);
  const price = nearer(...kept, ...passed);
  return Number.isFinite(price) ? { price, broken: !kept.includes(price) } : null;
}
