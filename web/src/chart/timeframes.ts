/** Timeframes: lengths and boundaries of candles, as in `schemas/market.py`. Pure. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const FIRST_MONDAY = 4 * DAY; // 1970 began on a Thursday; weekly candles begin on Mondays

const LENGTHS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY, M: 30 * DAY };

export const DEFAULT_TIMEFRAME = "15m";

/** Timeframes of the switch. The API knows more; another one in the address is shown beside these. */
export const SWITCH_TIMEFRAMES = ["1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w"] as const;

const VALID = /^(?:(?:1|3|5|15|30)m|(?:1|2|4|6|8|12)h|[13]d|1w|1M)$/;

export function isTimeframe(text: string): boolean {
  return VALID.test(text);
}

/** Length in ms; a month counts as 30 days. */
export function timeframeMs(timeframe: string): number {
  return Number.parseInt(timeframe, 10) * (LENGTHS[timeframe.slice(-1)] ?? HOUR);
}

/** Return the open time (ms) of the candle that contains `at` (ms). */
export function candleOpenTime(at: number, timeframe: string): number {
  if (timeframe.endsWith("M")) {
    const day = new Date(at);
    return Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), 1);
  }
  const length = timeframeMs(timeframe);
  const since = timeframe.endsWith("w") ? FIRST_MONDAY : 0;
  return Math.floor((at - since) / length) * length + since;
}
