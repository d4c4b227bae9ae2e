import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { get } from "../api/client";
import type { components } from "../api/schema";
import { useStream } from "../stream/StreamProvider";
import type { Filters } from "./filters";

export type ListedRow = components["schemas"]["ListedRow"];

export const PAGE_SIZE = 25;

/** However fast results come in, the table is read anew no more often than this; in ms. */
const PACE = 1_000;

/** A page of results, read anew when a result came in. */
export function useResults(filters: Filters) {
  useFreshness();
  return useQuery({
    queryKey: ["results", filters],
    queryFn: ({ signal }) =>
      get("/api/v1/analysis/results", { query: { ...filters, pageSize: PAGE_SIZE }, signal }),
    placeholderData: keepPreviousData,
  });
}

function useFreshness(): void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useStream("result", () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void queries.invalidateQueries({ queryKey: ["results"] });
    }, PACE);
  });
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
}
