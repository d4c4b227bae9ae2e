import { describe, expect, it } from "vitest";
import { type Candle, mergeNewest, prependOlder, applyTick } from "./candles";

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const START = Date.UTC(2026, 10, 25, 9);

function candle(index: number, price = 100): Candle {
  return { time: START + index * QUARTER, open: price, high: price + 2, low: price - 2, close: price + 1, volume: 5 };
}

describe("withOlder", () => {
  it("puts a page before the current candles, which win where they overlap", () => {
    const current = [candle(2, 50), candle(3)];
    const joined = prependOlder(current, [candle(0), candle(1), candle(2, 999)]);
    expect(joined.map(({ time }) => time)).toEqual([0, 1, 2, 3].map((index) => candle(index).time));
    expect(joined[2]).toEqual(candle(2, 50));
  });

  it("returns the page when there are no candles", () => {
    expect(prependOlder([], [candle(0)])).toEqual([candle(0)]);
  });
});

describe("withNewest", () => {
  it("replaces candles made from ticks by those of the exchange", () => {
    const joined = mergeNewest([candle(0), candle(1, 7)], [candle(1, 8), candle(2)]);
    expect(joined).toEqual([candle(0), candle(1, 8), candle(2)]);
  });

  it("drops the current candles rather than hide a gap", () => {
    expect(mergeNewest([candle(0), candle(1)], [candle(5)])).toEqual([candle(5)]);
  });

  it("changes nothing when there are no new candles", () => {
    expect(mergeNewest([candle(0)], [])).toEqual([candle(0)]);
  });
});

describe("withTick", () => {
  const known = [candle(0), candle(1)];
  const last = candle(1);

  it.each([
    [150, { high: 150, close: 150 }],
    [50, { low: 50, close: 50 }],
    [100.5, { close: 100.5 }],
  ])("moves the last candle to %d", (price, moved) => {
    const after = applyTick(known, { price, at: last.time + MINUTE }, "15m");
    expect(after).toEqual([candle(0), { ...last, ...moved }]);
  });

  it("opens the next candle at the boundary, at that price", () => {
    const after = applyTick(known, { price: 120, at: candle(2).time }, "15m");
    expect(after).toHaveLength(3);
    expect(after[2]).toEqual({ time: candle(2).time, open: 120, high: 120, low: 120, close: 120, volume: 0 });
  });

  it("moves the last candle until one millisecond before the boundary", () => {
    expect(applyTick(known, { price: 101, at: candle(2).time - 1 }, "15m")).toHaveLength(2);
  });

  it("ignores a price older than the last candle, and an empty chart", () => {
    expect(applyTick(known, { price: 1, at: candle(0).time }, "15m")).toBe(known);
    expect(applyTick([], { price: 1, at: START }, "15m")).toEqual([]);
  });

  it("does not modify its input", () => {
    applyTick(known, { price: 500, at: last.time }, "15m");
    expect(known).toEqual([candle(0), candle(1)]);
  });
});
