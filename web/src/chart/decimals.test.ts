import { expect, it } from "vitest";
import { decimalsIn, volumeText } from "./decimals";

it.each([
  [[68_634.6, 68_993.1], 1],
  [[68_622.71, 64_000], 2],
  [[0.00001234, 0.0000124], 8],
  [[0.000000012345], 12],
  [[1_234_567_890.123], 0],
  [[100, 101], 0],
  [[1.5, 1.2345], 4],
  [[], 2],
  [[Number.NaN, 0], 2],
])("prices %j need %d decimals", (prices, decimals) => {
  expect(decimalsIn(prices)).toBe(decimals);
});

it("does not take the noise of a division for decimals", () => {
  expect(decimalsIn([68_634.6 * 3 / 3 + 1e-9])).toBe(1);
});

it("writes volumes short", () => {
  expect(volumeText(1_240)).toBe("1.24K");
  expect(volumeText(0.5)).toBe("0.5");
});
