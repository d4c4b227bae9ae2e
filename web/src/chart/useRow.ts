import { useQuery, useQueryClient } from "@tanstack/react-query";
import { get } from "../api/client";
import { useStream } from "../stream/StreamProvider";
import { useDebouncedRefetch } from "../stream/useDebouncedRefetch";
import { applyClose, applyResult, type Row } from "./applyResult";
import { buildRowsQuery } from "./rowsQuery";
import { selectRow, type ChartMarket } from "./selectRow";

/** The row whose levels the chart shows: that of `id`, or the one of `market` selected by timeframe; null without one. */
export function useRow(id: number | null, market: ChartMarket | null, timeframe: string) {
  const rows = useQuery({
    queryKey: ["chart", "rows", market],
    queryFn: ({ signal }) => get("/api/v1/analysis/results", { query: market ? buildRowsQuery(market) : {}, signal }),
    enabled: market !== null,
  });
  const selected = market && selectRow(rows.data?.data ?? [], market, timeframe);
  const shown = id ?? selected?.id;
  const row = useQuery({
    queryKey: ["chart", "row", shown],
    queryFn: async ({ signal }) => {
      const path = { result_id: shown ?? 0 };
      return (await get("/api/v1/analysis/{result_id}", { path, signal })).data;
    },
    enabled: shown !== undefined,
  });
  useLiveResults(shown, row.data?.symbol ?? market?.symbol ?? "");
  const error = rows.error ?? row.error;
  const pending = shown === undefined ? rows.isPending && market !== null : row.isPending;
  return { row: row.data ?? null, pending, error, retry: () => void (rows.error ? rows : row).refetch() };
}

/** Show new levels at once from the event, and refetch the rest when it is in the database. */
function useLiveResults(id: number | undefined, symbol: string) {
  const queries = useQueryClient();
  useDebouncedRefetch("result", "chart", ({ market }) => market.symbol === symbol);
  useStream("result", (result) => {
    queries.setQueryData<Row>(["chart", "row", id], (row) => row && applyResult(row, result));
  });
  useStream("unchanged", (close) => {
    queries.setQueryData<Row>(["chart", "row", id], (row) => row && applyClose(row, close));
  });
}
