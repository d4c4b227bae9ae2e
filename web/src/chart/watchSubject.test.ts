import { expect, it } from "vitest";
import type { Level } from "../stream/events";
import type { DisplayLevel } from "./displayLevels";
import { buildWatchSubject } from "./watchSubject";

const market = { exchange: "sim", market_type: "spot", symbol: "BTCUSDT" };
const evidence = { level_id: "S1" } as Level;
const level: DisplayLevel = { id: "S1", side: "support", broken: false, price: 90, low: 89, high: 91, evidence };

it("binds a watch to the level and its timeframe", () => {
  expect(buildWatchSubject(market, 100, level, { timeframe: "4h" })).toEqual({
    ...market,
    lastPrice: 100,
    timeframe: "4h",
    level: { level_id: "S1", side: "support", price: 90 },
  });
});

it.each([
  ["a level of the past", level, null],
  ["a level without an id", { ...level, evidence: null }, { timeframe: "4h" }],
])("uses the price of %s", (_, unbound, row) => {
  expect(buildWatchSubject(market, 100, unbound, row)).toEqual({ ...market, lastPrice: 100, price: 90 });
});

it("uses the last price when no level was chosen", () => {
  expect(buildWatchSubject(market, 100, null, { timeframe: "4h" })).toEqual({ ...market, lastPrice: 100, price: 100 });
});
