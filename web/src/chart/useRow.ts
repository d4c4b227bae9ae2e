import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { get } from "../api/client";
import { useStream } from "../stream/StreamProvider";
import type { Address } from "./address";
import { chosenRow } from "./chosenRow";
import { withResult, type Row } from "./withResult";

/** Results are told before they are written down: what depends on the table is read anew so much later; in ms. */
const SETTLED = 1_500;
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
  useResults(shown);
  const error = rows.error ?? row.error;
  const pending = shown === undefined ? rows.isPending && id === null : row.isPending;
  return { row: row.data ?? null, pending, error, retry: () => void (rows.error ? rows : row).refetch() };
}

function useResults(id: number | undefined) {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useStream("result", (result) => {
    queries.setQueryData<Row>(["chart", "row", id], (row) => row && withResult(row, result));
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void queries.invalidateQueries({ queryKey: ["chart"] }), SETTLED);
  });
}
