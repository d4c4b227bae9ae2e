/** Which row a chart of `?symbol=&interval=` shows the levels of. Pure. */

export interface Choosable {
  symbol: string;
  exchange: string;
  market_type: string;
  timeframe: string;
  updated_at: string;
}

export interface WantedMarket {
  symbol: string;
  exchange?: string | undefined;
  marketType?: string | undefined;
  timeframe: string;
}

/** `btc/usdt:usdt` as it is stored: `BTCUSDT`. */
export function storedSymbol(written: string): string {
  const [pair = ""] = written.trim().toUpperCase().split(":");
  return pair.replace(/[/_-]/g, "");
}

/**
 * The row of exactly that symbol (the API's search finds more) with `timeframe`, else its newest; null when it has none.
 * Of several equally new ones spot goes first: an analysis is of spot unless one says otherwise.
 */
export function chosenRow<Row extends Choosable>(rows: readonly Row[], wanted: WantedMarket): Row | null {
  const symbol = storedSymbol(wanted.symbol);
  const meant = rows.filter(
    (row) =>
      row.symbol === symbol &&
      (!wanted.exchange || row.exchange === wanted.exchange) &&
      (!wanted.marketType || row.market_type === wanted.marketType),
  );
  const ofTimeframe = meant.filter((row) => row.timeframe === wanted.timeframe);
  const [best] = (ofTimeframe.length ? ofTimeframe : meant).toSorted(newestFirst);
  return best ?? null;
}

function newestFirst(one: Choosable, other: Choosable): number {
  const later = Date.parse(other.updated_at) - Date.parse(one.updated_at);
  return later || Number(other.market_type === "spot") - Number(one.market_type === "spot");
}
