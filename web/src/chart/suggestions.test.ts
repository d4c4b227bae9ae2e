import { expect, it } from "vitest";
import { parseSuggestions } from "./suggestions";

it.each([
  ["binance has no spot market BTCUSD; similar ones are BTCUSDT, BTCUSDC", [["BTCUSDT", "spot"], ["BTCUSDC", "spot"]]],
  ["binance has no spot market BTCUSDT, but a future one: send market_type 'future'", [["BTCUSDT", "future"]]],
  ["binance has no spot market PEPEUSDT, but 1000PEPEUSDT, whose price is that of several coins: write that", [["1000PEPEUSDT", "spot"]]],
  ["the broker is down", []],
])("parses the suggestions in %j", (message, expected) => {
  expect(parseSuggestions(message, "spot").map(({ symbol, market_type }) => [symbol, market_type])).toEqual(expected);
});
