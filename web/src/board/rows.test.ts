import { expect, it } from "vitest";
import type { AnalysisCompleted, AnalysisUnchanged } from "../stream/events";
import { applyResults, moveRowsOn, type BoardRow } from "./rows";

const ROW: BoardRow = {
  id: 7,
  exchange: "sim",
  market_type: "spot",
  symbol: "BTCUSDT",
  timeframe: "1h",
  last_price: 100,
  candle_at: "2026-11-28T10:00:00Z",
  analyzed_at: "2026-11-28T11:00:01Z",
  updated_at: "2026-11-28T11:00:01Z",
  support_levels: [95],
  resistance_levels: [110],
  known: [],
};
const result = (candle_at: string, timeframe = "1h"): AnalysisCompleted => ({
  request_ids: [],
  market: { exchange: "sim", market_type: "spot", symbol: "BTCUSDT", timeframe },
  last_price: 101,
  candle_at,
  analyzed_at: "2026-11-28T12:00:01Z",
  support_levels: [96],
  resistance_levels: [],
  levels: [],
});

it("applies a newer result to the row of its market and timeframe", () => {
  const other = { ...ROW, id: 8, timeframe: "4h" };
  const next = applyResults([ROW, other], [result("2026-11-28T11:00:00Z")]);
  expect(next[0]).toMatchObject({ id: 7, last_price: 101, support_levels: [96] });
  expect(next[1]).toBe(other);
});

it("keeps the same array when nothing is newer", () => {
  const rows = [ROW];
  expect(applyResults(rows, [result("2026-11-28T09:00:00Z"), result("2026-11-28T11:00:00Z", "1d")])).toBe(rows);
});

const close = (candle_at: string, levels_at: string): AnalysisUnchanged => ({
  market: { exchange: "sim", market_type: "spot", symbol: "BTCUSDT", timeframe: "1h" },
  last_price: 102,
  candle_at,
  analyzed_at: "2026-11-28T13:00:01Z",
  levels_at,
});

it("moves a row on at a close without change, and keeps its levels and price", () => {
  const [row] = moveRowsOn([ROW], [close("2026-11-28T12:00:00Z", "2026-11-28T10:00:00Z")]);
  const times = { candle_at: "2026-11-28T12:00:00Z", analyzed_at: "2026-11-28T13:00:01Z", updated_at: "2026-11-28T13:00:01Z" };
  expect(row).toEqual({ ...ROW, ...times });
});

it.each([
  ["refers to a result that the row does not have", close("2026-11-28T12:00:00Z", "2026-11-28T11:00:00Z")],
  ["is of a candle that the row has", close("2026-11-28T10:00:00Z", "2026-11-28T09:00:00Z")],
])("is not moved by a close that %s", (_, late) => {
  const rows = [ROW];
  expect(moveRowsOn(rows, [late])).toBe(rows);
});
