/** Selects the row whose levels the chart of `?symbol=&interval=` shows. Pure. */

export interface SelectableRow {
  symbol: string;
  exchange: string;
  market_type: string;
  timeframe: string;
  updated_at: string;
}

export interface MarketQuery {
  symbol: string;
  exchange?: string | undefined;
  marketType?: string | undefined;
  timeframe: string;
}

/** Convert `btc/usdt:usdt` to its stored form `BTCUSDT`. */
export function normalizeSymbol(symbol: string): string {
  const [pair = ""] = symbol.trim().toUpperCase().split(":");
  return pair.replace(/[/_-]/g, "");
}

/**
 * Return the row of exactly that symbol (the API's search also finds others) with `timeframe`, else its newest row, else
 * null. Among equally new rows spot comes first, as it is the default market type.
 */
export function selectRow<Row extends SelectableRow>(rows: readonly Row[], wanted: MarketQuery): Row | null {
  const symbol = normalizeSymbol(wanted.symbol);
  const matching = rows.filter(
    (row) =>
      row.symbol === symbol &&
      (!wanted.exchange || row.exchange === wanted.exchange) &&
      (!wanted.marketType || row.market_type === wanted.marketType),
  );
  const ofTimeframe = matching.filter((row) => row.timeframe === wanted.timeframe);
  const [best] = (ofTimeframe.length ? ofTimeframe : matching).toSorted(compareNewestFirst);
  return best ?? null;
}

function compareNewestFirst(one: SelectableRow, other: SelectableRow): number {
  const later = Date.parse(other.updated_at) - Date.parse(one.updated_at);
  return later || Number(other.market_type === "spot") - Number(one.market_type === "spot");
}
