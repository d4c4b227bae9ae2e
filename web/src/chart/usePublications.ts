import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import { sortOldestFirst, findPublication } from "./publications";

const PAGE = 100;

/** The publications of a row, oldest first, and the one in force `at` a time (null: the newest). */
export function usePublications(id: number | null, at: string | null) {
  const history = useInfiniteQuery({
    queryKey: ["chart", "history", id],
    queryFn: ({ pageParam, signal }) => {
      const query = { page: pageParam, pageSize: PAGE };
      return get("/api/v1/analysis/{result_id}/history", { path: { result_id: id ?? 0 }, query, signal });
    },
    initialPageParam: 1,
    getNextPageParam: ({ page, totalPages }) => (page < totalPages ? page + 1 : undefined),
    enabled: id !== null,
  });
  const publications = sortOldestFirst((history.data?.pages ?? []).flatMap(({ data }) => data));
  const loaded = at === null ? null : findPublication(publications, at);
  const single = useQuery({
    queryKey: ["chart", "at", id, at],
    queryFn: async ({ signal }) => {
      const query = { at };
      return (await get("/api/v1/analysis/{result_id}", { path: { result_id: id ?? 0 }, query, signal })).data;
    },
    // Only for times before the loaded pages.
    enabled: id !== null && at !== null && loaded === null && history.isSuccess,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const shown = at === null ? null : (loaded ?? single.data ?? null);
  const loadEarlier = history.hasNextPage ? () => void history.fetchNextPage() : undefined;
  return { publications, shown, error: single.error, loadEarlier };
}
