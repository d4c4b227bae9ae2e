import type { MarketName } from "../format/market";

const MAX_ROWS = 100;

/** The query of the rows of a market, one of which has the levels that its chart shows. */
export function buildRowsQuery({ symbol, exchange, market_type }: MarketName) {
  return { symbol, exchange, market_type, pageSize: MAX_ROWS };
}
