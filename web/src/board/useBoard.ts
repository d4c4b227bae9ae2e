import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { AnalysisCompleted, AnalysisUnchanged } from "../stream/events";
import { useStream } from "../stream/StreamProvider";
import { useDebouncedRefetch } from "../stream/useDebouncedRefetch";
import { readBoard } from "./readBoard";
import { applyResults, moveRowsOn, rowKey, type BoardRow } from "./rows";

/** Results of this time are applied together: at the turn of an hour thousands arrive. */
const APPLY_MS = 500;
/** Rows of other backends come without an event. */
const REFETCH_MS = 300_000;
const KEY = ["board"];

/** The newest analysis of every market, which follows the results of the stream. */
export function useBoard(enabled = true) {
  const queries = useQueryClient();
  const known = () => queries.getQueryData<readonly BoardRow[]>(KEY);
  const waiting = useRef<AnalysisCompleted[]>([]);
  const closes = useRef<AnalysisUnchanged[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const applyLater = () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      const results = waiting.current.splice(0);
      const unchanged = closes.current.splice(0);
      queries.setQueryData<readonly BoardRow[]>(KEY, (rows) => rows && moveRowsOn(applyResults(rows, results), unchanged));
    }, APPLY_MS);
  };
  useStream("result", (result) => {
    waiting.current.push(result);
    applyLater();
  });
  useStream("unchanged", (close) => {
    closes.current.push(close);
    applyLater();
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  // A market that was never analysed before gets its row, and so its id, from the database.
  useDebouncedRefetch("result", "board", ({ market }) => !known()?.some((row) => rowKey(row) === rowKey(market)));
  return useQuery<readonly BoardRow[]>({
    queryKey: KEY,
    queryFn: ({ signal }) => readBoard(signal),
    enabled,
    refetchInterval: REFETCH_MS,
    staleTime: REFETCH_MS,
    structuralSharing: false,
  });
}
