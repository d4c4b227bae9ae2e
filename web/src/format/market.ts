/** A market is exchange, type, symbol and (where candles matter) timeframe. */
export interface MarketName {
  exchange: string;
  market_type: string;
  symbol: string;
}

/** The key of a market's price: `sim:spot:BTCUSDT`. */
export function priceKey(market: MarketName): string {
  return `${market.exchange}:${market.market_type}:${market.symbol}`;
}

/** Length in seconds, for sorting; infinite for an unknown timeframe. */
export function timeframeSeconds(timeframe: string): number {
  const match = /^(\d+)([mhdwM])$/.exec(timeframe);
  const unit = { m: 60, h: 3_600, d: 86_400, w: 604_800, M: 2_592_000 }[match?.[2] ?? ""];
  return match && unit ? Number(match[1]) * unit : Number.POSITIVE_INFINITY;
}

export const TIMEFRAMES = ["5m", "15m", "30m", "1h", "4h", "12h", "1d", "1w"] as const;
export const MARKET_TYPES = ["spot", "future"] as const;

/** Address of the chart of a result. */
export function resultChartUrl(row: { id: number; timeframe: string }): string {
  return `/chart?id=${row.id}&interval=${encodeURIComponent(row.timeframe)}`;
}

/** Address of the chart of a market; `interval` defaults to 1h. */
export function marketChartUrl(market: MarketName, interval?: string | null): string {
  const { exchange, market_type, symbol } = market;
  const query = new URLSearchParams({ symbol, exchange, market_type, interval: interval ?? "1h" });
  return `/chart?${query.toString()}`;
}
