/** The levels of a row or publication in the form the page displays. Pure. */
import type { Level } from "../stream/events";

export interface DisplayLevel {
  /** Unique among the displayed levels. */
  id: string;
  side: "support" | "resistance";
  /** The live price has passed the level since its side was determined at the last close. */
  broken: boolean;
  price: number;
  low: number;
  high: number;
  /** Null for a row of another backend, which has prices only. */
  evidence: Level | null;
  /** Of which timeframe it is; absent for that of the row that is shown. */
  timeframe?: string;
  /** The other timeframes that have a level whose zone overlaps this one's; absent where only one is shown. */
  meets?: readonly string[];
}

export interface LevelSource {
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
  return { id, side, broken: false, price, low, high, evidence: level };
}

function fromPrice(side: DisplayLevel["side"]) {
  return (price: number): DisplayLevel => ({
    id: `${side}:${price}`,
    side,
    broken: false,
    price,
    low: price,
    high: price,
    evidence: null,
  });
}

/** Set the sides by the live price: a level below it is a support, one above it a resistance. */
export function applyLivePrice(levels: readonly DisplayLevel[], last: number): DisplayLevel[] {
  return levels.map((level) => {
    const side = sideAt(level.price, last) ?? level.side;
    return side === level.side ? level : { ...level, side, broken: true };
  });
}

/** Return the side of a level at `price`; null at the price itself, where it is both or none. */
export function sideAt(price: number, last: number): DisplayLevel["side"] | null {
  if (price === last) return null;
  return price < last ? "support" : "resistance";
}

