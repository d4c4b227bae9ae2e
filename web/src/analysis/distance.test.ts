import { describe, expect, it } from "vitest";
import { distance, progress } from "./distance";

describe("a distance", () => {
  it("is in percent of the last price, and negative below it", () => {
    expect(distance(110, 100)).toBeCloseTo(10);
    expect(distance(90, 100)).toBeCloseTo(-10);
    expect(distance(90, 0)).toBe(0);
  });
});

describe("the way from support to resistance", () => {
  it("is a share of the range, and ends at its edges", () => {
    expect(progress(100, 90, 110)).toBeCloseTo(0.5);
    expect(progress(80, 90, 110)).toBe(0);
    expect(progress(120, 90, 110)).toBe(1);
  });

  it("is none without both levels", () => {
    expect(progress(100, undefined, 110)).toBeNull();
    expect(progress(100, 90, undefined)).toBeNull();
    expect(progress(100, 110, 110)).toBeNull();
  });
});
