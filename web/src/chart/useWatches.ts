import { useQuery, useQueryClient } from "@tanstack/react-query";
import { get } from "../api/client";
import type { MarketName } from "../format/market";
import { useStream } from "../stream/StreamProvider";
import { type Watch, withTold } from "./firedWatches";

const MOST = 100;

/**
 * The watches on a market, whatever their state. A fire shows as soon as it is told; FireToasts has them read anew once
 * it is written down.
 */
export function useWatches({ exchange, market_type, symbol }: MarketName): readonly Watch[] {
  const key = ["watches", "of", exchange, market_type, symbol];
  const queries = useQueryClient();
  const { data } = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const kind = market_type === "future" ? "future" : "spot";
      const query = { exchange, market_type: kind, symbol, pageSize: MOST } as const;
      return (await get("/api/v1/watches", { query, signal })).data;
    },
  });
  useStream("watch", (told) => {
    queries.setQueryData<Watch[]>(key, (watches) => watches && withTold(watches, told));
  });
  return data ?? NONE;
}

const NONE: readonly Watch[] = [];
