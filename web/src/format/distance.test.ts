import { describe, expect, it } from "vitest";
import { distance, rangePosition } from "./distance";

describe("distance", () => {
  it("is a percentage of the last price, negative below it", () => {
    expect(distance(110, 100)).toBeCloseTo(10);
    expect(distance(90, 100)).toBeCloseTo(-10);
    expect(distance(90, 0)).toBe(0);
  });
});

describe("rangePosition", () => {
  it("is a share of the range, limited to [0, 1]", () => {
    expect(rangePosition(100, 90, 110)).toBeCloseTo(0.5);
    expect(rangePosition(80, 90, 110)).toBe(0);
    expect(rangePosition(120, 90, 110)).toBe(1);
  });

  it("is null unless both levels are given", () => {
    expect(rangePosition(100, undefined, 110)).toBeNull();
    expect(rangePosition(100, 90, undefined)).toBeNull();
    expect(rangePosition(100, 110, 110)).toBeNull();
  });
});
