import { describe, expect, it } from "vitest";
import type { BoardRow } from "../board/rows";
import { findNearestOfAll, findNeighbour, groupByMarket, putStarsFirst } from "./boardMarkets";

const row = (symbol: string, timeframe: string, rest: Partial<BoardRow> = {}): BoardRow => ({
  id: 1,
  exchange: "sim",
  market_type: "spot",
  symbol,
  timeframe,
  last_price: 100,
  candle_at: null,
  analyzed_at: null,
  updated_at: "2026-11-28T10:00:00Z",
  support_levels: [],
  resistance_levels: [],
  known: [],
  ...rest,
});

describe("groupByMarket", () => {
  it("has one entry a market, by name, with the price of its newest analysis", () => {
    const rows = [
      row("ETHUSDT", "1h"),
      row("BTCUSDT", "4h"),
      row("BTCUSDT", "15m", { last_price: 101, updated_at: "2026-11-28T11:00:00Z" }),
      row("BTCUSDT", "1h", { market_type: "future" }),
    ];
    const markets = groupByMarket(rows);
    expect(markets.map(({ key }) => key)).toEqual(["sim:spot:BTCUSDT", "sim:future:BTCUSDT", "sim:spot:ETHUSDT"]);
    expect(markets[0]).toMatchObject({ lastPrice: 101, rows: [{ timeframe: "15m" }, { timeframe: "4h" }] });
  });
});

it("finds the nearest level of all timeframes, by the live price", () => {
  const rows = [row("A", "1h", { support_levels: [90], resistance_levels: [120] }), row("A", "4h", { resistance_levels: [105] })];
  expect(findNearestOfAll(rows, 100)).toMatchObject({ side: "resistance", percent: 5 });
  expect(findNearestOfAll(rows, 93)).toMatchObject({ side: "support", level: { price: 90 } });
  expect(findNearestOfAll([row("A", "1h")], 100)).toBeNull();
});

it("puts stars first in their order, and forgets those without levels", () => {
  const markets = groupByMarket([row("A", "1h"), row("B", "1h"), row("C", "1h")]);
  expect(putStarsFirst(markets, ["sim:spot:C", "sim:spot:GONE", "sim:spot:B"]).map(({ symbol }) => symbol)).toEqual(["C", "B", "A"]);
});

it("finds the next and the previous market in a round", () => {
  const markets = ["a", "b", "c"].map((key) => ({ key }));
  expect(findNeighbour(markets, "c", 1)).toEqual({ key: "a" });
  expect(findNeighbour(markets, "a", -1)).toEqual({ key: "c" });
  expect(findNeighbour(markets, "elsewhere", 1)).toEqual({ key: "a" });
  expect(findNeighbour(markets, "elsewhere", -1)).toEqual({ key: "c" });
  expect(findNeighbour([], "a", 1)).toBeNull();
});
