import { useQuery, useQueryClient } from "@tanstack/react-query";
import { get } from "../api/client";
import type { MarketName } from "../format/market";
import { useStream } from "../stream/StreamProvider";
import { type Watch, applyWatchEvent } from "./marketWatches";

const MAX_WATCHES = 100;

/**
 * The watches on a market in any state. A fire is shown as soon as its event arrives; FireToasts refetches the watches
 * when it is in the database.
 */
export function useMarketWatches({ exchange, market_type, symbol }: MarketName): readonly Watch[] {
  const key = ["watches", "of", exchange, market_type, symbol];
  const queries = useQueryClient();
  const { data } = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const kind = market_type === "future" ? "future" : "spot";
      const query = { exchange, market_type: kind, symbol, pageSize: MAX_WATCHES } as const;
      return (await get("/api/v1/watches", { query, signal })).data;
    },
  });
  useStream("watch", (event) => {
    queries.setQueryData<Watch[]>(key, (watches) => watches && applyWatchEvent(watches, event));
  });
  return data ?? NONE;
}

const NONE: readonly Watch[] = [];
