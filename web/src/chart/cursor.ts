/** Moves the crosshair by keys: along the candles, and from level to level. Pure. */
import { distance } from "../format/distance";
import type { Candle } from "./candles";
import type { DisplayLevel } from "./displayLevels";

/** Where the crosshair is: on a candle, at its close or at the price of a level. */
export interface Cursor {
  /** Open time of the candle in ms. */
  time: number;
  levelId: string | null;
}

/** Move by a number of candles, from the newest one when there is no cursor yet. */
export function moveAlong(cursor: Cursor | null, candles: readonly Candle[], bars: number): Cursor | null {
  const at = cursor ? candles.findLastIndex(({ time }) => time <= cursor.time) : candles.length - 1;
  const candle = candles[Math.max(0, Math.min(candles.length - 1, at + (cursor ? bars : 0)))];
  return candle ? { time: candle.time, levelId: null } : null;
}

/** Move to the next level above or below. `levels`: highest first. */
export function moveAcross(cursor: Cursor | null, candles: readonly Candle[], levels: readonly DisplayLevel[], up: boolean): Cursor | null {
  const start = cursor ?? moveAlong(null, candles, 0);
  if (!start) return null;
  const price = priceOf(start, candles, levels);
  const next = up ? levels.findLast((level) => level.price > price) : levels.find((level) => level.price < price);
  return next ? { ...start, levelId: next.id } : start;
}

/** The price at which the crosshair is. */
export function priceOf({ time, levelId }: Cursor, candles: readonly Candle[], levels: readonly DisplayLevel[]): number {
  const level = levels.find(({ id }) => id === levelId);
  return level?.price ?? candles.findLast((candle) => candle.time <= time)?.close ?? 0;
}

/** Return the level nearest to a price, and how far it is in percent of it; null without levels. */
export function findLevelNear(price: number, levels: readonly DisplayLevel[]): { level: DisplayLevel; percent: number } | null {
  const [level] = levels.toSorted((one, other) => Math.abs(one.price - price) - Math.abs(other.price - price));
  return level ? { level, percent: distance(level.price, price) } : null;
}
