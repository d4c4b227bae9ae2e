import { describe, expect, it } from "vitest";
import { decimalsOf, formatExact, formatPercent, formatPrice, formatProbability, splitPrice, toPlainNumeral } from "./price";

describe("formatPrice", () => {
  it.each([
    [69104.4, "69,104.40"],
    [147.05, "147.05"],
    [1.23456, "1.2346"],
    [0.612345, "0.61235"],
    [0.00001234, "0.00001234"],
    [0, "0.00"],
    [1e-8, "0.0000000100"],
    [1.23e-9, "0.00000000123"],
    [1.23456789e-9, "0.0000000012346"],
    [9.999999e-9, "0.0000000100"],
    [-1.5e-12, "-0.00000000000150"],
    [1.234567e-25, "1.23e-25"],
  ])("formats %d as %s", (price, text) => {
    expect(formatPrice(price)).toBe(text);
  });

  it("uses the given decimals", () => {
    expect(formatPrice(99.5, decimalsOf(69104.4))).toBe("99.50");
  });

  it("shows no price as zero that is none, whatever decimals are given", () => {
    expect(formatPrice(1.23456e-9, 2)).toBe("0.00000000123");
    expect(formatPrice(0.005, 2)).toBe("0.00500");
    expect(formatPrice(0, 2)).toBe("0.00");
    expect(formatPrice(0.05, 2)).toBe("0.05");
  });

  it.each([
    [1.23e-9, "0.00000000123", "0.00000000123"],
    [1234567.891, "1,234,567.8910", "1234567.891"],
    [1.234, "1.2340", "1.234"],
    [1234, "1,234.00", "1234"],
    [0.1, "0.10", "0.1"],
  ])("writes %d with all digits", (price, grouped, plain) => {
    expect(formatExact(price)).toBe(grouped);
    expect(toPlainNumeral(price)).toBe(plain);
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
