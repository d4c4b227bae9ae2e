/** Candles of a chart: ascending, one per open time, the last one still open. Pure. */
import { openTime } from "./timeframes";

/** `time` is the open time in ms. */
export interface Candle {
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

/** A price that was traded, `at` in ms. */
export interface Tick {
  price: number;
  at: number;
}

/** `current` with a page of older candles before it; where both know a candle, `current` is newer knowledge. */
export function withOlder(current: readonly Candle[], older: readonly Candle[]): Candle[] {
  const first = current[0];
  return first ? [...older.filter((candle) => candle.time < first.time), ...current] : [...older];
}

/**
 * `current` with what the exchange says now. Its candles replace those made from ticks.
 * Where the two do not meet, what was known is dropped: a chart with a silent hole in it would lie.
 */
export function withNewest(current: readonly Candle[], newest: readonly Candle[]): Candle[] {
  const first = newest[0];
  const last = current.at(-1);
  if (!first) return [...current];
  if (!last || last.time < first.time) return [...newest];
  return [...current.filter((candle) => candle.time < first.time), ...newest];
}

/**
 * `current` with a price that was just traded: it moves the last candle, or begins the next one once the boundary
 * has passed. A price from before the last candle changes nothing. Volume is not known from prices.
 */
export function withTick(current: readonly Candle[], tick: Tick, timeframe: string): readonly Candle[] {
  const last = current.at(-1);
  const opens = openTime(tick.at, timeframe);
  if (!last || opens < last.time) return current;
  if (opens > last.time) return [...current, candleOf(tick, opens)];
  return [...current.slice(0, -1), moved(last, tick.price)];
}

function candleOf({ price }: Tick, time: number): Candle {
  return { time, open: price, high: price, low: price, close: price, volume: 0 };
}

function moved(candle: Candle, price: number): Candle {
  return { ...candle, high: Math.max(candle.high, price), low: Math.min(candle.low, price), close: price };
}
