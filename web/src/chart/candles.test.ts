import { describe, expect, it } from "vitest";
import { type Candle, withNewest, withOlder, withTick } from "./candles";

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const START = Date.UTC(2026, 10, 25, 9);

function candle(index: number, price = 100): Candle {
  return { time: START + index * QUARTER, open: price, high: price + 2, low: price - 2, close: price + 1, volume: 5 };
}

describe("withOlder", () => {
  it("puts a page before what is known, and keeps what is known where they overlap", () => {
    const known = [candle(2, 50), candle(3)];
    const joined = withOlder(known, [candle(0), candle(1), candle(2, 999)]);
    expect(joined.map(({ time }) => time)).toEqual([0, 1, 2, 3].map((index) => candle(index).time));
    expect(joined[2]).toEqual(candle(2, 50));
  });

  it("is the page where nothing is known", () => {
    expect(withOlder([], [candle(0)])).toEqual([candle(0)]);
  });
});

describe("withNewest", () => {
  it("replaces what ticks had made by what the exchange says", () => {
    const joined = withNewest([candle(0), candle(1, 7)], [candle(1, 8), candle(2)]);
    expect(joined).toEqual([candle(0), candle(1, 8), candle(2)]);
  });

  it("drops what does not meet the new candles, rather than hide a hole", () => {
    expect(withNewest([candle(0), candle(1)], [candle(5)])).toEqual([candle(5)]);
  });

  it("changes nothing where the exchange says nothing", () => {
    expect(withNewest([candle(0)], [])).toEqual([candle(0)]);
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
    const after = withTick(known, { price, at: last.time + MINUTE }, "15m");
    expect(after).toEqual([candle(0), { ...last, ...moved }]);
  });

  it("begins the next candle at the boundary, at that price", () => {
    const after = withTick(known, { price: 120, at: candle(2).time }, "15m");
    expect(after).toHaveLength(3);
    expect(after[2]).toEqual({ time: candle(2).time, open: 120, high: 120, low: 120, close: 120, volume: 0 });
  });

  it("still belongs to the last candle one millisecond before the boundary", () => {
    expect(withTick(known, { price: 101, at: candle(2).time - 1 }, "15m")).toHaveLength(2);
  });

  it("ignores a price from before the last candle, and a chart without candles", () => {
    expect(withTick(known, { price: 1, at: candle(0).time }, "15m")).toBe(known);
    expect(withTick([], { price: 1, at: START }, "15m")).toEqual([]);
  });

  it("leaves what it was given as it was", () => {
    withTick(known, { price: 500, at: last.time }, "15m");
    expect(known).toEqual([candle(0), candle(1)]);
  });
});
