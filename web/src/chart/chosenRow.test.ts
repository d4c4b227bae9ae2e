import { describe, expect, it } from "vitest";
import { type Choosable, chosenRow, storedSymbol } from "./chosenRow";

function row(more: Partial<Choosable> = {}): Choosable {
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
  it("is the row with the timeframe asked for, however old", () => {
    const exact = row({ timeframe: "15m", updated_at: "2026-11-01T00:00:00Z" });
    expect(chosenRow([row(), exact, row({ timeframe: "1d" })], wanted)).toBe(exact);
  });

  it("is else the newest one", () => {
    const newest = row({ timeframe: "4h", updated_at: "2026-11-25T10:00:00Z" });
    expect(chosenRow([row(), newest, row({ timeframe: "1d" })], wanted)).toBe(newest);
  });

  it("is none where the search found other symbols only", () => {
    expect(chosenRow([row({ symbol: "BTCUSDTX" })], wanted)).toBeNull();
    expect(chosenRow([], wanted)).toBeNull();
  });

  it("keeps to the exchange and market type asked for", () => {
    const rows = [row(), row({ market_type: "future" }), row({ exchange: "bybit" })];
    expect(chosenRow(rows, { ...wanted, marketType: "future" })).toBe(rows[1]);
    expect(chosenRow(rows, { ...wanted, exchange: "bybit" })).toBe(rows[2]);
    expect(chosenRow(rows, { ...wanted, exchange: "binance" })).toBeNull();
  });

  it("prefers spot where both are equally new, and else the newer", () => {
    const future = row({ market_type: "future" });
    const spot = row();
    expect(chosenRow([future, spot], wanted)).toBe(spot);
    const older = row({ updated_at: "2026-11-01T00:00:00Z" });
    expect(chosenRow([future, older], wanted)).toBe(future);
  });
});

it.each(["BTCUSDT", "btc/usdt", "BTC-USDT", " btc_usdt ", "BTC/USDT:USDT"])("%s is stored as BTCUSDT", (written) => {
  expect(storedSymbol(written)).toBe("BTCUSDT");
});
