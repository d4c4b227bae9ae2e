import { expect, it } from "vitest";
import { inferDecimals, formatVolume } from "./decimals";

it.each([
  [[68_634.6, 68_993.1], 1],
  [[68_622.71, 64_000], 2],
  [[0.0000124, 0.00001234, 0.00001235], 8],
  [[0.000000012345], 12],
  [[1.23e-9, 1.24e-9], 11],
  [[1.2e-13], 14],
  [[1_234_567_890.123], 0],
  [[100, 101], 0],
  [[1.2345, 1.2346], 4],
  [[], 2],
  [[Number.NaN, 0], 2],
])("infers from %j the decimals %d", (prices, decimals) => {
  expect(inferDecimals(prices)).toBe(decimals);
});

it("ignores a single price off the tick size", () => {
  const prices = Array.from({ length: 100 }, (_, index) => 66_000 + index / 100);
  expect(inferDecimals([...prices, 66_093.866535])).toBe(2);
});

it("ignores floating-point noise", () => {
  expect(inferDecimals([68_634.6 * 3 / 3 + 1e-9])).toBe(1);
});

it("abbreviates volumes", () => {
  expect(formatVolume(1_240)).toBe("1.24K");
  expect(formatVolume(0.5)).toBe("0.5");
});
