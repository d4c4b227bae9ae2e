import { expect, it } from "vitest";
import type { AnalysisCompleted } from "../stream/events";
import { applyClose, applyResult, type Row } from "./applyResult";

const market = { exchange: "sim", market_type: "spot", symbol: "BTCUSDT", timeframe: "1h" };
const row = {
  id: 7,
  ...market,
  last_price: 100,
  candle_at: "2026-11-25T08:00:00Z",
  analyzed_at: "2026-11-25T09:00:03Z",
  support_levels: [90],
  resistance_levels: [],
  levels: [],
} as unknown as Row;

function result(more: Partial<AnalysisCompleted> = {}): AnalysisCompleted {
  return {
    request_ids: ["a"],
    market,
    last_price: 101,
    candle_at: "2026-11-25T09:00:00Z",
    analyzed_at: "2026-11-25T10:00:03Z",
    support_levels: [95],
    resistance_levels: [110],
    levels: [],
    ...more,
  };
}

it("applies the levels of the event and keeps the id", () => {
  expect(applyResult(row, result())).toMatchObject({ id: 7, last_price: 101, support_levels: [95] });
});

it("treats a later analysis of the same candles as newer", () => {
  const again = result({ candle_at: "2026-11-25T08:00:00Z", analyzed_at: "2026-11-25T09:00:04Z" });
  expect(applyResult(row, again).last_price).toBe(101);
});

it("treats a row without our columns as older", () => {
  expect(applyResult({ ...row, candle_at: null, analyzed_at: null }, result()).last_price).toBe(101);
});

it.each([
  ["of an older candle", result({ candle_at: "2026-11-25T07:00:00Z" })],
  ["of the same analysis", result({ candle_at: "2026-11-25T08:00:00Z", analyzed_at: "2026-11-25T09:00:03Z" })],
  ["of another timeframe", result({ market: { ...market, timeframe: "4h" } })],
  ["of another market", result({ market: { ...market, symbol: "ETHUSDT" } })],
])("is not changed by a result %s", (_, late) => {
  expect(applyResult(row, late)).toBe(row);
});

it("moves on at a close without change of its own market only", () => {
  const times = { candle_at: "2026-11-25T10:00:00Z", analyzed_at: "2026-11-25T11:00:01Z" };
  const close = { market, last_price: 102, levels_at: "2026-11-25T08:00:00Z", ...times };
  expect(applyClose(row, close)).toEqual({ ...row, ...times });
  expect(applyClose(row, { ...close, market: { ...market, timeframe: "4h" } })).toBe(row);
});
