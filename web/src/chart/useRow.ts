import { useQuery, useQueryClient } from "@tanstack/react-query";
import { get } from "../api/client";
import { useStream } from "../stream/StreamProvider";
import { useDebouncedRefetch } from "../stream/useDebouncedRefetch";
import type { Address } from "./address";
import { selectRow, normalizeSymbol } from "./selectRow";
import { applyResult, type Row } from "./applyResult";

const MAX_ROWS = 100;

/** The row whose levels the chart shows: that of the id, or the one selected for the symbol; null without one. */
export function useRow({ id, symbol, exchange, marketType, interval }: Address) {
  const rows = useQuery({
    queryKey: ["chart", "rows", symbol, exchange, marketType],
    queryFn: ({ signal }) => {
      const query = { symbol, exchange: exchange ?? null, market_type: marketType ?? null, pageSize: MAX_ROWS };
      return get("/api/v1/analysis/results", { query, signal });
    },
    enabled: id === null,
  });
  const wanted = symbol === null ? null : { symbol, exchange, marketType, timeframe: interval };
  const selected = wanted ? selectRow(rows.data?.data ?? [], wanted) : rows.data?.data[0];
  const shown = id ?? selected?.id;
  const row = useQuery({
    queryKey: ["chart", "row", shown],
    queryFn: async ({ signal }) => {
      const path = { result_id: shown ?? 0 };
      return (await get("/api/v1/analysis/{result_id}", { path, signal })).data;
    },
    enabled: shown !== undefined,
  });
  useLiveResults(shown, row.data?.symbol ?? normalizeSymbol(symbol ?? ""));
  const error = rows.error ?? row.error;
  const pending = shown === undefined ? rows.isPending && id === null : row.isPending;
  return { row: row.data ?? null, pending, error, retry: () => void (rows.error ? rows : row).refetch() };
}

/** Show new levels at once from the event, and refetch the rest when it is in the database. */
function useLiveResults(id: number | undefined, symbol: string) {
  const queries = useQueryClient();
  useDebouncedRefetch("result", "chart", ({ market }) => market.symbol === symbol);
  useStream("result", (result) => {
    queries.setQueryData<Row>(["chart", "row", id], (row) => row && applyResult(row, result));
  });
}
