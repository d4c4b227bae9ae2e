import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { get, post } from "../api/client";
import type { MarketName } from "../format/market";

const POLL_MS = 1_000;

/** Request an analysis of the market, and follow its job until it ends. */
export function useAnalysisJob(market: MarketName, timeframe: string) {
  const queries = useQueryClient();
  const request = useMutation({
    mutationFn: () => {
      const { exchange, symbol } = market;
      const market_type = market.market_type === "future" ? "future" : "spot";
      return post("/api/v1/analysis/trigger", { exchange, symbol, market_type, timeframe, limit: 2_000 });
    },
  });
  const id = request.data?.request_id;
  const job = useQuery({
    queryKey: ["job", id],
    queryFn: ({ signal }) => get("/api/v1/jobs/{request_id}", { path: { request_id: id ?? "" }, signal }),
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (state.data && state.data.status !== "queued" ? false : POLL_MS),
  });
  const status = job.data?.status;
  useEffect(() => {
    if (status === "completed") void queries.invalidateQueries({ queryKey: ["chart"] });
  }, [queries, status]);
  return {
    analyse: () => request.mutate(),
    busy: request.isPending || (id !== undefined && status !== "completed" && status !== "failed"),
    error: request.error,
    failed: status === "failed" ? (job.data?.message ?? job.data?.reason ?? "") : null,
  };
}
