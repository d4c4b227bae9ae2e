/** The markets of the board: one entry for all timeframes of a market. Pure. */
import { findNearest, type LiveLevel } from "../analysis/nearest";
import type { BoardRow } from "../board/rows";
import { distance } from "../format/distance";
import { priceKey, timeframeSeconds, type MarketName } from "../format/market";

export interface BoardMarket extends MarketName {
  key: string;
  /** By timeframe, shortest first. */
  rows: readonly BoardRow[];
  /** The price of the newest analysis. */
  lastPrice: number;
}

export interface MarketDistance {
  level: LiveLevel;
  side: "support" | "resistance";
  /** In percent of the price; negative below it. */
  percent: number;
}

/** Group rows by market, in alphabetical order, spot before futures. */
export function groupByMarket(rows: readonly BoardRow[]): BoardMarket[] {
  const groups = new Map<string, BoardRow[]>();
  for (const row of rows) groups.set(priceKey(row), [...(groups.get(priceKey(row)) ?? []), row]);
  const markets = [...groups].map(([key, group]): BoardMarket => {
    const [first] = group as [BoardRow, ...BoardRow[]];
    const { exchange, market_type, symbol } = first;
    const newest = group.reduce((best, row) => (row.updated_at > best.updated_at ? row : best), first);
    const sorted = group.toSorted((one, other) => timeframeSeconds(one.timeframe) - timeframeSeconds(other.timeframe));
    return { exchange, market_type, symbol, key, rows: sorted, lastPrice: newest.last_price };
  });
  const name = ({ symbol, market_type, exchange }: MarketName) => `${symbol} ${market_type === "spot" ? 0 : 1} ${exchange}`;
  return markets.sort((one, other) => (name(one) < name(other) ? -1 : 1));
}

/** Put the markets with a star first, in their order. */
export function putStarsFirst(markets: readonly BoardMarket[], stars: readonly string[]): BoardMarket[] {
  const byKey = new Map(markets.map((market) => [market.key, market]));
  const starred = stars.map((key) => byKey.get(key)).filter((market) => market !== undefined);
  const first = new Set(starred);
  return [...starred, ...markets.filter((market) => !first.has(market))];
}

/** Return the level of any timeframe that is nearest to `last`; null without one. */
export function findNearestOfAll(rows: readonly BoardRow[], last: number): MarketDistance | null {
  let best: MarketDistance | null = null;
  for (const row of rows) {
    const near = findNearest(row, last);
    for (const side of ["support", "resistance"] as const) {
      const level = near[side];
      if (!level) continue;
      const percent = distance(level.price, last);
      if (!best || Math.abs(percent) < Math.abs(best.percent)) best = { level, side, percent };
    }
  }
  return best;
}

/** Return the market `step` places after `current` in a round; the first or last one when `current` is not among them. */
export function findNeighbour<M extends { key: string }>(markets: readonly M[], current: string, step: 1 | -1): M | null {
  const at = markets.findIndex(({ key }) => key === current);
  const from = at < 0 && step < 0 ? 0 : at;
  return markets.at((from + step) % markets.length) ?? null;
}
