import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import type { components } from "../api/schema";
import { useDebouncedRefetch } from "../stream/useDebouncedRefetch";
import type { Filters } from "./filters";

export type ListedRow = components["schemas"]["ResultListItem"];

export const PAGE_SIZE = 25;

/** A page of results, refetched after new results. */
export function useResults(filters: Filters) {
  useDebouncedRefetch("result", "results");
  return useQuery({
    queryKey: ["results", filters],
    queryFn: ({ signal }) =>
      get("/api/v1/analysis/results", { query: { ...filters, pageSize: PAGE_SIZE }, signal }),
    placeholderData: keepPreviousData,
  });
}
