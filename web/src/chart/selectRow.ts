/** Selects the market and the row of a chart address. Pure. */
import { timeframeMs } from "./timeframes";

export interface SelectableRow {
  symbol: string;
  exchange: string;
  market_type: string;
  timeframe: string;
}

export interface ChartMarket {
  exchange: string;
  market_type: string;
  symbol: string;
}

/** Convert `btc/usdt:usdt` to its stored form `BTCUSDT`. */
export function normalizeSymbol(symbol: string): string {
  const [pair = ""] = symbol.trim().toUpperCase().split(":");
  return pair.replace(/[/_-]/g, "");
}

/**
 * Choose the market of an address that names a symbol, and maybe an exchange or a type: the default exchange and spot,
 * unless only another market of that symbol has results. Never the one that was analysed last: that changes while one looks.
 */
export function chooseMarket(
  rows: readonly SelectableRow[],
  wanted: { symbol: string; exchange?: string | undefined; marketType?: string | undefined },
  defaultExchange: string,
): ChartMarket {
  const symbol = normalizeSymbol(wanted.symbol);
  const matching = rows.filter(
    (row) =>
      row.symbol === symbol &&
      (!wanted.exchange || row.exchange === wanted.exchange) &&
      (!wanted.marketType || row.market_type === wanted.marketType),
  );
  const rank = (row: SelectableRow) => [row.exchange !== defaultExchange, row.market_type !== "spot"].map(Number).join("");
  const key = (row: SelectableRow) => `${rank(row)} ${row.exchange} ${row.market_type}`;
  const [best] = matching.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
  return {
    exchange: wanted.exchange ?? best?.exchange ?? defaultExchange,
    market_type: wanted.marketType ?? best?.market_type ?? "spot",
    symbol,
  };
}

/**
 * Return the row of that market with `timeframe`, else the one with the closest timeframe, else null. The choice does
 * not depend on which row is the newest, so that it stays while markets are analysed.
 */
export function selectRow<Row extends SelectableRow>(rows: readonly Row[], market: ChartMarket, timeframe: string): Row | null {
  const gap = (row: Row) => Math.abs(Math.log(timeframeMs(row.timeframe) / timeframeMs(timeframe)));
  const [best] = rows
    .filter(
      ({ symbol, exchange, market_type }) =>
        symbol === market.symbol && exchange === market.exchange && market_type === market.market_type,
    )
    .toSorted((one, other) => gap(one) - gap(other) || timeframeMs(one.timeframe) - timeframeMs(other.timeframe));
  return best ?? null;
}
