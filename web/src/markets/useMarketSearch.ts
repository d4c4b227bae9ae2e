import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { get } from "../api/client";
import { useBoard } from "../board/useBoard";
import type { MarketName } from "../format/market";
import { useExchanges } from "../shell/exchanges";
import { groupByMarket } from "./boardMarkets";
import { normalizeQuery, rankMarkets } from "./rankMarkets";
import { useRecentMarkets, useStars } from "./useMarketLists";
import { useMemo } from "react";

const MAX_LISTED = 50;

/** The markets that a search offers: at once those that the browser knows, then those of the exchanges. */
export function useMarketSearch(typed: string) {
  const board = useBoard();
  const recent = useRecentMarkets();
  const stars = useStars();
  const listed = useListedMarkets(useDeferredValue(normalizeQuery(typed)));
  const analysed = useMemo(() => groupByMarket(board.data ?? []), [board.data]);
  const markets = rankMarkets(typed, { recent, stars, analysed, listed: listed.data ?? [] });
  return { markets, analysed, recent, stars, pending: board.isPending || listed.isFetching };
}

function useListedMarkets(search: string) {
  const exchanges = useExchanges()?.data;
  return useQuery({
    queryKey: ["markets", "switcher", exchanges, search],
    queryFn: async ({ signal }): Promise<MarketName[]> => {
      const query = { search, limit: MAX_LISTED };
      // An exchange that does not respond leaves the others' markets.
      const answers = await Promise.allSettled((exchanges ?? []).map((exchange) => get("/api/v1/markets", { query: { ...query, exchange }, signal })));
      return answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value.data : []));
    },
    enabled: exchanges !== undefined && search !== "",
    staleTime: 300_000,
    placeholderData: keepPreviousData,
  });
}
