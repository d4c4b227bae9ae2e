import type { MarketName } from "../format/market";
import type { Watch } from "./draft";

/** The watches that fired after `since` (ms), the latest last. */
export function missed(watches: readonly Watch[], since: number): Watch[] {
  const at = (watch: Watch) => (watch.last_fired_at ? Date.parse(watch.last_fired_at) : 0);
  return watches.filter((watch) => at(watch) > since).sort((a, b) => at(a) - at(b));
}

/** The chart's page of a market, at its newest levels unless an interval is named. */
export function chartOfMarket(market: MarketName, interval?: string | null): string {
  const { exchange, market_type, symbol } = market;
  const query = new URLSearchParams({ symbol, exchange, market_type, interval: interval ?? "1h" });
  return `/chart?${query.toString()}`;
}
