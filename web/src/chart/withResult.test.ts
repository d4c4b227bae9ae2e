import { expect, it } from "vitest";
import type { AnalysisCompleted } from "../stream/events";
import { withResult, type Row } from "./withResult";

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

it("shows what was just told, under the same id", () => {
  expect(withResult(row, result())).toMatchObject({ id: 7, last_price: 101, support_levels: [95] });
});

it("takes a second analysis of the same candles for newer", () => {
  const again = result({ candle_at: "2026-11-25T08:00:00Z", analyzed_at: "2026-11-25T09:00:04Z" });
  expect(withResult(row, again).last_price).toBe(101);
});

it("takes a row without our columns for older", () => {
  expect(withResult({ ...row, candle_at: null, analyzed_at: null }, result()).last_price).toBe(101);
});

it.each([
  ["of an older candle", result({ candle_at: "2026-11-25T07:00:00Z" })],
  ["of the same analysis", result({ candle_at: "2026-11-25T08:00:00Z", analyzed_at: "2026-11-25T09:00:03Z" })],
  ["of another timeframe", result({ market: { ...market, timeframe: "4h" } })],
  ["of another market", result({ market: { ...market, symbol: "ETHUSDT" } })],
])("is not changed by a result %s", (_, late) => {
  expect(withResult(row, late)).toBe(row);
});
