import { expect, it } from "vitest";
import { decimalsIn, volumeText } from "./decimals";

it.each([
  [[68_634.6, 68_993.1], 1],
  [[68_622.71, 64_000], 2],
  [[0.0000124, 0.00001234, 0.00001235], 8],
  [[0.000000012345], 12],
  [[1_234_567_890.123], 0],
  [[100, 101], 0],
  [[1.2345, 1.2346], 4],
  [[], 2],
  [[Number.NaN, 0], 2],
])("prices %j need %d decimals", (prices, decimals) => {
  expect(decimalsIn(prices)).toBe(decimals);
});

it("is not widened by one price off the tick", () => {
  const prices = Array.from({ length: 100 }, (_, index) => 66_000 + index / 100);
  expect(decimalsIn([...prices, 66_093.866535])).toBe(2);
});

it("does not take the noise of a division for decimals", () => {
  expect(decimalsIn([68_634.6 * 3 / 3 + 1e-9])).toBe(1);
});

it("writes volumes short", () => {
  expect(volumeText(1_240)).toBe("1.24K");
  expect(volumeText(0.5)).toBe("0.5");
});
