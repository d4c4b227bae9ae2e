import { describe, expect, it } from "vitest";
import { type SelectableRow, selectRow, normalizeSymbol } from "./selectRow";

function row(more: Partial<SelectableRow> = {}): SelectableRow {
  return {
    symbol: "BTCUSDT",
    exchange: "sim",
    market_type: "spot",
    timeframe: "1h",
    updated_at: "2026-11-25T09:00:00Z",
    ...more,
  };
}

const wanted = { symbol: "BTCUSDT", timeframe: "15m" };

describe("chosenRow", () => {
  it("returns the row with the wanted timeframe, even an old one", () => {
    const exact = row({ timeframe: "15m", updated_at: "2026-11-01T00:00:00Z" });
    expect(selectRow([row(), exact, row({ timeframe: "1d" })], wanted)).toBe(exact);
  });

  it("else returns the newest one", () => {
    const newest = row({ timeframe: "4h", updated_at: "2026-11-25T10:00:00Z" });
    expect(selectRow([row(), newest, row({ timeframe: "1d" })], wanted)).toBe(newest);
  });

  it("returns null when there are only rows of other symbols", () => {
    expect(selectRow([row({ symbol: "BTCUSDTX" })], wanted)).toBeNull();
    expect(selectRow([], wanted)).toBeNull();
  });

  it("respects exchange and market type", () => {
    const rows = [row(), row({ market_type: "future" }), row({ exchange: "bybit" })];
    expect(selectRow(rows, { ...wanted, marketType: "future" })).toBe(rows[1]);
    expect(selectRow(rows, { ...wanted, exchange: "bybit" })).toBe(rows[2]);
    expect(selectRow(rows, { ...wanted, exchange: "binance" })).toBeNull();
  });

  it("prefers spot among equally new rows, else the newer row", () => {
    const future = row({ market_type: "future" });
    const spot = row();
    expect(selectRow([future, spot], wanted)).toBe(spot);
    const older = row({ updated_at: "2026-11-01T00:00:00Z" });
    expect(selectRow([future, older], wanted)).toBe(future);
  });
});

it.each(["BTCUSDT", "btc/usdt", "BTC-USDT", " btc_usdt ", "BTC/USDT:USDT"])("normalizes %s to BTCUSDT", (symbol) => {
  expect(normalizeSymbol(symbol)).toBe("BTCUSDT");
});
