import { useQuery, useQueryClient } from "@tanstack/react-query";
import { get } from "../api/client";
import { useStream } from "../stream/StreamProvider";
import { useAfterwards } from "../stream/useAfterwards";
import type { Address } from "./address";
import { chosenRow, storedSymbol } from "./chosenRow";
import { withResult, type Row } from "./withResult";

const MOST_ROWS = 100;

/** The row that a chart shows the levels of: the one of the id, or the one chosen for the symbol; null for none. */
export function useRow({ id, symbol, exchange, marketType, interval }: Address) {
  const rows = useQuery({
    queryKey: ["chart", "rows", symbol, exchange, marketType],
    queryFn: ({ signal }) => {
      const query = { symbol, exchange: exchange ?? null, market_type: marketType ?? null, pageSize: MOST_ROWS };
      return get("/api/v1/analysis/results", { query, signal });
    },
    enabled: id === null,
  });
  const wanted = symbol === null ? null : { symbol, exchange, marketType, timeframe: interval };
  const chosen = wanted ? chosenRow(rows.data?.data ?? [], wanted) : rows.data?.data[0];
  const shown = id ?? chosen?.id;
  const row = useQuery({
    queryKey: ["chart", "row", shown],
    queryFn: async ({ signal }) => {
      const path = { result_id: shown ?? 0 };
      return (await get("/api/v1/analysis/{result_id}", { path, signal })).data;
    },
    enabled: shown !== undefined,
  });
  useResults(shown, row.data?.symbol ?? storedSymbol(symbol ?? ""));
  const error = rows.error ?? row.error;
  const pending = shown === undefined ? rows.isPending && id === null : row.isPending;
  return { row: row.data ?? null, pending, error, retry: () => void (rows.error ? rows : row).refetch() };
}

/** New levels at once, from the event; what else is read of the table once they are in it. */
function useResults(id: number | undefined, symbol: string) {
  const queries = useQueryClient();
  useAfterwards("result", "chart", ({ market }) => market.symbol === symbol);
  useStream("result", (result) => {
    queries.setQueryData<Row>(["chart", "row", id], (row) => row && withResult(row, result));
  });
}
