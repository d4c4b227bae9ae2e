import { describe, expect, it } from "vitest";
import { parseMarketKey, rankMarkets } from "./rankMarkets";

const market = (symbol: string, market_type = "spot", exchange = "sim") => ({ exchange, market_type, symbol });
const NOTHING = { recent: [], stars: [], analysed: [], listed: [] };
const symbols = (query: string, sources: Partial<Parameters<typeof rankMarkets>[1]>) =>
  rankMarkets(query, { ...NOTHING, ...sources }).map(({ symbol, market_type }) => (market_type === "spot" ? symbol : `${symbol}.P`));

describe("without a query", () => {
  it("offers recent markets, then stars, then those with levels", () => {
    const sources = { recent: ["sim:spot:SOLUSDT"], stars: ["sim:spot:XRPUSDT", "sim:spot:SOLUSDT"], analysed: [market("ADAUSDT"), market("XRPUSDT")] };
    expect(symbols("", sources)).toEqual(["SOLUSDT", "XRPUSDT", "ADAUSDT"]);
  });
});

describe("with a query", () => {
  it("offers the symbol itself first, then those that begin with it, then the rest", () => {
    const listed = [market("WBTCUSDT"), market("BTCUSDC"), market("BTCUSDT", "future"), market("BTC"), market("BTCUSDT"), market("ETHUSDT")];
    expect(symbols("btc", { listed })).toEqual(["BTC", "BTCUSDT", "BTCUSDC", "BTCUSDT.P", "WBTCUSDT"].toSorted((a, b) => order(a) - order(b)));
  });

  it("prefers markets that one has used or that have levels", () => {
    const listed = [market("BTCUSDC"), market("BTCUSDT"), market("BTCEUR")];
    expect(symbols("btc", { listed, analysed: [market("BTCUSDT")], recent: ["sim:spot:BTCEUR"] })).toEqual(["BTCEUR", "BTCUSDT", "BTCUSDC"]);
  });

  it("ignores what separates base and quote", () => {
    expect(symbols("btc/us", { listed: [market("BTCUSDT"), market("BTCEUR")] })).toEqual(["BTCUSDT"]);
  });
});

/** Equal length and tier: spot before futures, then as listed. */
function order(name: string): number {
  return ["BTC", "BTCUSDC", "BTCUSDT", "BTCUSDT.P", "WBTCUSDT"].indexOf(name);
}

it("parses market keys", () => {
  expect(parseMarketKey("sim:spot:BTCUSDT")).toEqual(market("BTCUSDT"));
  expect(parseMarketKey("sim:spot")).toBeNull();
  expect(parseMarketKey("sim:spot:BTCUSDT:1h")).toBeNull();
});
