/** Candles of a chart: ascending, one per open time, the last one still open. Pure. */
import { candleOpenTime } from "./timeframes";

/** `time` is the open time in ms. */
export interface Candle {
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

/** A traded price; `at` is in ms. */
export interface Tick {
  price: number;
  at: number;
}

/** Put a page of older candles before `current`; for a candle in both, that of `current` is kept as the newer one. */
export function prependOlder(current: readonly Candle[], older: readonly Candle[]): Candle[] {
  const first = current[0];
  return first ? [...older.filter((candle) => candle.time < first.time), ...current] : [...older];
}

/**
 * Merge the exchange's newest candles into `current`; they replace candles made from ticks.
 * When the two do not overlap, `current` is dropped: a chart must not hide a gap.
 */
export function mergeNewest(current: readonly Candle[], newest: readonly Candle[]): Candle[] {
  const first = newest[0];
  const last = current.at(-1);
  if (!first) return [...current];
  if (!last || last.time < first.time) return [...newest];
  return [...current.filter((candle) => candle.time < first.time), ...newest];
}

/**
 * Apply a traded price: it moves the last candle, or opens the next one after its boundary. A price older than the last
 * candle changes nothing. The volume does not change, because ticks do not carry it.
 */
export function applyTick(current: readonly Candle[], tick: Tick, timeframe: string): readonly Candle[] {
  const last = current.at(-1);
  const opens = candleOpenTime(tick.at, timeframe);
  if (!last || opens < last.time) return current;
  if (opens > last.time) return [...current, openCandle(tick, opens)];
  return [...current.slice(0, -1), moveClose(last, tick.price)];
}

function openCandle({ price }: Tick, time: number): Candle {
  return { time, open: price, high: price, low: price, close: price, volume: 0 };
}

function moveClose(candle: Candle, price: number): Candle {
  return { ...candle, high: Math.max(candle.high, price), low: Math.min(candle.low, price), close: price };
}
