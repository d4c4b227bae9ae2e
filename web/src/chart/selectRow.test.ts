import { describe, expect, it } from "vitest";
import { chooseMarket, normalizeSymbol, selectRow, type SelectableRow } from "./selectRow";

function row(more: Partial<SelectableRow> = {}): SelectableRow {
  return { symbol: "BTCUSDT", exchange: "sim", market_type: "spot", timeframe: "1h", ...more };
}

const market = { symbol: "BTCUSDT", exchange: "sim", market_type: "spot" };

describe("chooseMarket", () => {
  const future = row({ market_type: "future" });
  const bybit = row({ exchange: "bybit" });

  it("prefers the default exchange and spot in any order of the rows", () => {
    for (const rows of [[future, bybit, row()], [row(), bybit, future], []]) {
      expect(chooseMarket(rows, { symbol: "btc/usdt" }, "sim")).toEqual(market);
    }
  });

  it("chooses another market of the symbol when only that has results", () => {
    expect(chooseMarket([future], { symbol: "BTCUSDT" }, "sim")).toEqual({ ...market, market_type: "future" });
    expect(chooseMarket([bybit], { symbol: "BTCUSDT" }, "sim")).toEqual({ ...market, exchange: "bybit" });
    expect(chooseMarket([row({ symbol: "BTCUSDC" })], { symbol: "BTCUSDT" }, "sim")).toEqual(market);
  });

  it("respects exchange and market type of the address", () => {
    const rows = [row(), future, bybit];
    expect(chooseMarket(rows, { symbol: "BTCUSDT", marketType: "future" }, "sim").market_type).toBe("future");
    expect(chooseMarket(rows, { symbol: "BTCUSDT", exchange: "bybit" }, "sim").exchange).toBe("bybit");
    expect(chooseMarket(rows, { symbol: "BTCUSDT", exchange: "binance" }, "sim")).toEqual({ ...market, exchange: "binance" });
  });
});

describe("selectRow", () => {
  it("returns the row with the wanted timeframe", () => {
    const exact = row({ timeframe: "15m" });
    expect(selectRow([row(), exact, row({ timeframe: "1d" })], market, "15m")).toBe(exact);
  });

  it("else returns the row with the closest timeframe, in any order of the rows", () => {
    const hour = row();
    const rows = [row({ timeframe: "1d" }), hour, row({ timeframe: "4h" })];
    expect(selectRow(rows, market, "30m")).toBe(hour);
    expect(selectRow(rows.toReversed(), market, "30m")).toBe(hour);
  });

  it("returns null when there are only rows of other markets", () => {
    const others = [row({ symbol: "BTCUSDTX" }), row({ exchange: "bybit" }), row({ market_type: "future" })];
    expect(selectRow(others, market, "1h")).toBeNull();
    expect(selectRow([], market, "1h")).toBeNull();
  });
});

it.each(["BTCUSDT", "btc/usdt", "BTC-USDT", " btc_usdt ", "BTC/USDT:USDT"])("normalizes %s to BTCUSDT", (symbol) => {
  expect(normalizeSymbol(symbol)).toBe("BTCUSDT");
});
