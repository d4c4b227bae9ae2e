import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import type { components } from "../api/schema";
import { useAfterwards } from "../stream/useAfterwards";
import type { Filters } from "./filters";

export type ListedRow = components["schemas"]["ResultListItem"];

export const PAGE_SIZE = 25;

/** A page of results, read anew when a result came in. */
export function useResults(filters: Filters) {
  useAfterwards("result", "results");
  return useQuery({
    queryKey: ["results", filters],
    queryFn: ({ signal }) =>
      get("/api/v1/analysis/results", { query: { ...filters, pageSize: PAGE_SIZE }, signal }),
    placeholderData: keepPreviousData,
  });
}
