import { expect, it } from "vitest";
import { SWITCH_TIMEFRAMES, isTimeframe, timeframeMs, candleOpenTime } from "./timeframes";

const at = Date.UTC(2026, 10, 25, 9, 37, 12);

it.each([
  ["1m", "2026-11-25T09:37:00Z"],
  ["15m", "2026-11-25T09:30:00Z"],
  ["4h", "2026-11-25T08:00:00Z"],
  ["1d", "2026-11-25T00:00:00Z"],
  ["1w", "2026-11-23T00:00:00Z"], // a Monday
  ["1M", "2026-11-01T00:00:00Z"],
])("computes the open time of a %s candle as %s", (timeframe, opened) => {
  expect(candleOpenTime(at, timeframe)).toBe(Date.parse(opened));
  expect(candleOpenTime(Date.parse(opened), timeframe)).toBe(Date.parse(opened));
});

it("accepts the offered timeframes and no invalid ones", () => {
  expect(SWITCH_TIMEFRAMES.every(isTimeframe)).toBe(true);
  expect(["", "7m", "15", "1y", "h1"].some(isTimeframe)).toBe(false);
});

it("distinguishes a minute from a month", () => {
  expect(timeframeMs("1m")).toBe(60_000);
  expect(timeframeMs("1M")).toBe(30 * 86_400_000);
});
