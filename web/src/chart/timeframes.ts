/** Timeframes: how long a candle is and where it begins. As `schemas/market.py` has it. Pure. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const FIRST_MONDAY = 4 * DAY; // 1970 began on a Thursday, weeks of candles begin on Mondays

const LENGTHS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY, M: 30 * DAY };

export const DEFAULT_TIMEFRAME = "15m";

/** What the switch offers. The API knows more; one that is asked for in the address is shown beside these. */
export const OFFERED = ["1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w"] as const;

const KNOWN = /^(?:(?:1|3|5|15|30)m|(?:1|2|4|6|8|12)h|[13]d|1w|1M)$/;

export function isTimeframe(written: string): boolean {
  return KNOWN.test(written);
}

/** Length in ms; that of a month is nominal. */
export function lengthOf(timeframe: string): number {
  return Number.parseInt(timeframe, 10) * (LENGTHS[timeframe.slice(-1)] ?? HOUR);
}

/** Open time (ms) of the candle in which `at` (ms) lies. */
export function openTime(at: number, timeframe: string): number {
  if (timeframe.endsWith("M")) {
    const day = new Date(at);
    return Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), 1);
  }
  const length = lengthOf(timeframe);
  const since = timeframe.endsWith("w") ? FIRST_MONDAY : 0;
  return Math.floor((at - since) / length) * length + since;
}
