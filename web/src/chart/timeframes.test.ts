import { expect, it } from "vitest";
import { OFFERED, isTimeframe, lengthOf, openTime } from "./timeframes";

const at = Date.UTC(2026, 10, 25, 9, 37, 12);

it.each([
  ["1m", "2026-11-25T09:37:00Z"],
  ["15m", "2026-11-25T09:30:00Z"],
  ["4h", "2026-11-25T08:00:00Z"],
  ["1d", "2026-11-25T00:00:00Z"],
  ["1w", "2026-11-23T00:00:00Z"], // a Monday
  ["1M", "2026-11-01T00:00:00Z"],
])("a candle of %s opened at %s", (timeframe, opened) => {
  expect(openTime(at, timeframe)).toBe(Date.parse(opened));
  expect(openTime(Date.parse(opened), timeframe)).toBe(Date.parse(opened));
});

it("knows what it offers, and nothing else", () => {
  expect(OFFERED.every(isTimeframe)).toBe(true);
  expect(["", "7m", "15", "1y", "h1"].some(isTimeframe)).toBe(false);
});

it("tells a minute from a month", () => {
  expect(lengthOf("1m")).toBe(60_000);
  expect(lengthOf("1M")).toBe(30 * 86_400_000);
});
