import { useMemo } from "react";
import { useBoard } from "../board/useBoard";
import { useLatestPrices } from "../stream/StreamProvider";
import { useNow } from "../ui/useNow";
import { usePreference } from "../ui/usePreference";
import { findNearestOfAll, groupByMarket, putStarsFirst, type BoardMarket } from "./boardMarkets";
import { useStars } from "./useMarketLists";

export const ORDERS = ["name", "nearest", "stars"] as const;
export type Order = (typeof ORDERS)[number];

/** By distance the markets are sorted again after this time, not at each price: a list that moves cannot be clicked. */
const SORT_S = 10;

/** The markets of the watchlist in their order: all by name, all by distance, or those with a star. */
export function useWatchlist() {
  const board = useBoard();
  const stars = useStars();
  const prices = useLatestPrices();
  const [order, setOrder] = usePreference<Order>("watchlist-order", ORDERS);
  const all = useMemo(() => groupByMarket(board.data ?? []), [board.data]);
  const now = useNow(SORT_S);
  const markets = useMemo(() => {
    if (order === "nearest") return sortByDistance(all, ({ key, lastPrice }) => prices.get(key)?.price ?? lastPrice);
    const starred = putStarsFirst(all, stars);
    return order === "stars" ? starred.slice(0, starred.filter(({ key }) => stars.includes(key)).length) : starred;
    // eslint-disable-next-line react-hooks/exhaustive-deps -- sorted again as time passes
  }, [all, stars, order, prices, order === "nearest" ? now : 0]);
  return { markets, order, setOrder, pending: board.isPending, error: board.error };
}

function sortByDistance(markets: readonly BoardMarket[], priceOf: (market: BoardMarket) => number): BoardMarket[] {
  const gap = (market: BoardMarket) => Math.abs(findNearestOfAll(market.rows, priceOf(market))?.percent ?? Number.POSITIVE_INFINITY);
  return markets
    .map((market) => ({ market, gap: gap(market) }))
    .sort((one, other) => one.gap - other.gap)
    .map(({ market }) => market);
}
