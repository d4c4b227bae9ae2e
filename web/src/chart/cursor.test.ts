import { describe, expect, it } from "vitest";
import type { Candle } from "./candles";
import { findLevelNear, moveAcross, moveAlong, priceOf } from "./cursor";
import type { DisplayLevel } from "./displayLevels";

const candles: Candle[] = [1, 2, 3].map((time) => ({ time, open: 100, high: 100, low: 100, close: 100 + time, volume: 1 }));
const level = (price: number): DisplayLevel => ({
  id: String(price),
  side: price > 103 ? "resistance" : "support",
  broken: false,
  price,
  low: price,
  high: price,
  evidence: null,
});
const levels = [120, 110, 95, 90].map(level);

describe("along the candles", () => {
  it("begins at the newest one, and stays among them", () => {
    expect(moveAlong(null, candles, -1)).toEqual({ time: 3, levelId: null });
    expect(moveAlong({ time: 3, levelId: "95" }, candles, -1)).toEqual({ time: 2, levelId: null });
    expect(moveAlong({ time: 2, levelId: null }, candles, -10)).toEqual({ time: 1, levelId: null });
    expect(moveAlong({ time: 2, levelId: null }, candles, 10)).toEqual({ time: 3, levelId: null });
    expect(moveAlong(null, [], 1)).toBeNull();
  });
});

describe("from level to level", () => {
  it("goes to the next one above or below the close, then on from there", () => {
    const up = moveAcross(null, candles, levels, true);
    expect(up).toEqual({ time: 3, levelId: "110" });
    expect(moveAcross(up, candles, levels, true)).toEqual({ time: 3, levelId: "120" });
    expect(moveAcross(up, candles, levels, false)).toEqual({ time: 3, levelId: "95" });
  });

  it("stays at the last one", () => {
    const top = { time: 3, levelId: "120" };
    expect(moveAcross(top, candles, levels, true)).toBe(top);
  });
});

it("reads the price of the level, else the close", () => {
  expect(priceOf({ time: 2, levelId: null }, candles, levels)).toBe(102);
  expect(priceOf({ time: 2, levelId: "90" }, candles, levels)).toBe(90);
});

it("finds the nearest level", () => {
  expect(findLevelNear(100, levels)).toMatchObject({ level: { price: 95 }, percent: -5 });
  expect(findLevelNear(100, [])).toBeNull();
});
