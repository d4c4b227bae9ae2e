import { expect, it } from "vitest";
import { planCalls } from "./plan";

const plan = (address: string) => planCalls(new URL(address, "http://localhost"));

it("asks for candles and rows of a market at once, and for the row of its timeframe after them", () => {
  const [candles, rows] = plan("/chart?symbol=btc/usdt&exchange=sim&market_type=spot&interval=1h");
  expect(candles?.url).toBe("/api/v1/klines?exchange=sim&symbol=BTCUSDT&market_type=spot&interval=1h&limit=1000");
  expect(rows?.url).toBe("/api/v1/analysis/results?symbol=BTCUSDT&exchange=sim&market_type=spot&pageSize=100");
  const row = { symbol: "BTCUSDT", exchange: "sim", market_type: "spot" };
  expect(rows?.next?.({ data: [{ ...row, id: 4, timeframe: "4h" }, { ...row, id: 7, timeframe: "1h" }] })).toBe("/api/v1/analysis/7");
  expect(rows?.next?.({ data: [] })).toBeNull();
});

it("asks for the row of an id, and then for the candles of its market", () => {
  const [row, ...others] = plan("/chart?id=7&interval=4h");
  expect(others).toEqual([]);
  expect(row?.url).toBe("/api/v1/analysis/7");
  const answer = { data: { symbol: "ETHUSDT", exchange: "sim", market_type: "future" } };
  expect(row?.next?.(answer)).toBe("/api/v1/klines?exchange=sim&symbol=ETHUSDT&market_type=future&interval=4h&limit=1000");
});

it("asks for the same in a frame", () => {
  const search = "?symbol=BTCUSDT&exchange=sim&market_type=spot&interval=1h&theme=light";
  expect(plan(`/embed/chart${search}`).map(({ url }) => url)).toEqual(plan(`/chart${search}`).map(({ url }) => url));
});

it("asks for nothing that a page would not ask for", () => {
  expect(plan("/chart?symbol=BTCUSDT")).toEqual([]);
  expect(plan("/watches")).toEqual([]);
  expect(plan("/").map(({ url }) => url)).toEqual(["/api/v1/analysis/results?after=0&pageSize=500"]);
});
