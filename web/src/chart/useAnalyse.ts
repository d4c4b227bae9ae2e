import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { get, post } from "../api/client";
import type { MarketName } from "../format/market";

const PACE = 1_000;

/** Ask for an analysis of the market, and follow it to its end. */
export function useAnalyse(market: MarketName, timeframe: string) {
  const queries = useQueryClient();
  const ask = useMutation({
    mutationFn: () => {
      const { exchange, symbol } = market;
      const market_type = market.market_type === "future" ? "future" : "spot";
      return post("/api/v1/analysis/trigger", { exchange, symbol, market_type, timeframe, limit: 2_000 });
    },
  });
  const id = ask.data?.request_id;
  const job = useQuery({
    queryKey: ["job", id],
    queryFn: ({ signal }) => get("/api/v1/jobs/{request_id}", { path: { request_id: id ?? "" }, signal }),
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (state.data && state.data.status !== "queued" ? false : PACE),
  });
  const status = job.data?.status;
  useEffect(() => {
    if (status === "completed") void queries.invalidateQueries({ queryKey: ["chart"] });
  }, [queries, status]);
  return {
    analyse: () => ask.mutate(),
    busy: ask.isPending || (id !== undefined && status !== "completed" && status !== "failed"),
    error: ask.error,
    failed: status === "failed" ? (job.data?.message ?? job.data?.reason ?? "") : null,
  };
}
