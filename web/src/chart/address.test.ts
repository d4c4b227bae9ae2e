import { expect, it } from "vitest";
import { readAddress, updateSearch } from "./address";

const read = (search: string) => readAddress(new URLSearchParams(search));

it("reads id, symbol, interval, exchange and market type", () => {
  expect(read("id=7&interval=1h")).toMatchObject({ id: 7, symbol: null, interval: "1h", at: null });
  expect(read("symbol=BTCUSDT&interval=4h&exchange=sim&market_type=future")).toMatchObject({
    id: null,
    symbol: "BTCUSDT",
    exchange: "sim",
    marketType: "future",
    interval: "4h",
  });
});

it("falls back to 15m for a missing or unknown timeframe", () => {
  expect(read("id=7")).toMatchObject({ interval: "15m", unknownInterval: null });
  expect(read("id=7&interval=7h")).toMatchObject({ interval: "15m", unknownInterval: "7h" });
});

it("ignores an invalid id, symbol or time", () => {
  expect(read("id=x&symbol=%20&at=soon")).toMatchObject({ id: null, symbol: null, at: null });
  expect(read("id=-1").id).toBeNull();
});

it("changes the given parameters and keeps the others", () => {
  const search = new URLSearchParams("id=7&interval=1h&at=2026-11-25T08:00:00Z");
  expect(updateSearch(search, { interval: "4h", at: null }).toString()).toBe("id=7&interval=4h");
});
