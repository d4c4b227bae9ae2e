import { describe, expect, it } from "vitest";
import { decimalsOf, formatPercent, formatPrice, formatProbability, splitPrice } from "./price";

describe("formatPrice", () => {
  it.each([
    [69104.4, "69,104.40"],
    [147.05, "147.05"],
    [1.23456, "1.2346"],
    [0.612345, "0.61235"],
    [0.00001234, "0.00001234"],
    [0, "0.00"],
  ])("formats %d as %s", (price, text) => {
    expect(formatPrice(price)).toBe(text);
  });

  it("uses the given decimals", () => {
    expect(formatPrice(99.5, decimalsOf(69104.4))).toBe("99.50");
  });

  it("splits into whole and fraction", () => {
    expect(splitPrice(69104.4)).toEqual(["69,104", ".40"]);
    expect(splitPrice(7, 0)).toEqual(["7", ""]);
  });
});

describe("formatPercent", () => {
  it("has a sign unless it rounds to zero", () => {
    expect(formatPercent(1.4)).toBe("+1.40 %");
    expect(formatPercent(-0.354)).toBe("−0.35 %");
    expect(formatPercent(-0.001)).toBe("0.00 %");
    expect(formatPercent(-2, { signed: false })).toBe("2.00 %");
  });
});

describe("formatProbability", () => {
  it("rounds to whole percent and claims no certainty", () => {
    expect([0.36, 0.004, 1, 0.994].map(formatProbability)).toEqual(["36 %", "< 1 %", "> 99 %", "99 %"]);
  });
});
