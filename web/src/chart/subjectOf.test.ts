import { expect, it } from "vitest";
import type { Level } from "../stream/events";
import type { ShownLevel } from "./shownLevels";
import { subjectOf } from "./subjectOf";

const market = { exchange: "sim", market_type: "spot", symbol: "BTCUSDT" };
const evidence = { level_id: "S1" } as Level;
const level: ShownLevel = { id: "S1", side: "support", price: 90, low: 89, high: 91, evidence };

it("binds a watch to the level, and to the timeframe it was found in", () => {
  expect(subjectOf(market, 100, level, { timeframe: "4h" })).toEqual({
    ...market,
    lastPrice: 100,
    timeframe: "4h",
    level: { level_id: "S1", side: "support", price: 90 },
  });
});

it.each([
  ["a level of the past", level, null],
  ["a level without an id", { ...level, evidence: null }, { timeframe: "4h" }],
])("watches the price of %s", (_, unbound, row) => {
  expect(subjectOf(market, 100, unbound, row)).toEqual({ ...market, lastPrice: 100, price: 90 });
});

it("begins at the last price where no level was chosen", () => {
  expect(subjectOf(market, 100, null, { timeframe: "4h" })).toEqual({ ...market, lastPrice: 100, price: 100 });
});
