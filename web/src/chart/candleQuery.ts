import type { MarketName } from "../format/market";

/** Which candles of a market are read. */
export interface CandleSpan {
  limit: number;
  before?: number;
  since?: number;
}

export const PAGE = 1_000;
export const NEWEST_PAGE: CandleSpan = { limit: PAGE };

export function buildCandleQuery({ exchange, symbol, market_type }: MarketName, interval: string, span: CandleSpan) {
  return { exchange, symbol, market_type: market_type === "future" ? "future" : "spot", interval, ...span } as const;
}
