import { describe, expect, it } from "vitest";
import type { BoardRow } from "../board/rows";
import { readFilters } from "./filters";
import { isFresh, screenRows } from "./screen";

let ids = 0;
const row = (symbol: string, rest: Partial<BoardRow> = {}): BoardRow => ({
  id: (ids += 1),
  exchange: "sim",
  market_type: "spot",
  symbol,
  timeframe: "1h",
  last_price: 100,
  candle_at: null,
  analyzed_at: null,
  updated_at: "2026-11-28T10:00:00Z",
  support_levels: [],
  resistance_levels: [],
  known: [],
  ...rest,
});
const ROWS = [
  row("FARUSDT", { support_levels: [80], resistance_levels: [130] }),
  row("NEARUSDT", { support_levels: [99], resistance_levels: [110], known: [{ price: 99, distance_pct: 1, p_reach_24: 0.9 } as BoardRow["known"][number]] }),
  row("NONEUSDT"),
  row("MIDUSDT", { timeframe: "4h", resistance_levels: [104] }),
];
const screen = (search: string, prices: Record<string, number> = {}) =>
  screenRows(ROWS, readFilters(new URLSearchParams(search)), ({ symbol }) => prices[symbol] ?? 100).map(({ row: { symbol } }) => symbol.replace("USDT", ""));

describe("order", () => {
  it("is by distance to the nearest level at first, those without one last", () => {
    expect(screen("")).toEqual(["NEAR", "MID", "FAR", "NONE"]);
    expect(screen("sort=-distance")).toEqual(["FAR", "MID", "NEAR", "NONE"]);
  });

  it("follows the live price", () => {
    expect(screen("", { FARUSDT: 80.1 })[0]).toBe("FAR");
  });

  it.each([
    ["sort=symbol", ["FAR", "MID", "NEAR", "NONE"]],
    ["sort=-timeframe", ["MID", "FAR", "NEAR", "NONE"]],
    ["sort=resistance", ["MID", "NEAR", "FAR", "NONE"]],
    ["sort=support", ["NEAR", "FAR", "MID", "NONE"]],
    ["sort=-reach", ["NEAR", "FAR", "MID", "NONE"]],
  ])("%s", (search, names) => {
    expect(screen(search)).toEqual(names);
  });
});

describe("filters", () => {
  it.each([
    ["within=5", ["NEAR", "MID"]],
    ["side=support", ["NEAR", "FAR"]],
    ["side=resistance&within=10", ["MID", "NEAR"]],
    ["reach=50", ["NEAR"]],
    ["timeframe=4h", ["MID"]],
    ["symbol=nea/r", ["NEAR"]],
    ["symbol=...", []],
    ["exchange=other", []],
  ])("%s", (search, names) => {
    expect(screen(search)).toEqual(names);
  });
});

it("takes a level for fresh while it was not touched since it was confirmed", () => {
  const level = (last_touch_at: string | null, confirmed_at: string | null) => isFresh({ price: 1, broken: false, last_touch_at, confirmed_at });
  expect(level("2026-11-20T00:00:00Z", "2026-11-20T10:00:00Z")).toBe(true);
  expect(level("2026-11-21T00:00:00Z", "2026-11-20T10:00:00Z")).toBe(false);
  expect(level(null, null)).toBeNull();
});
