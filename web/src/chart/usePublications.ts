import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import { inOrder, publishedBy } from "./publications";

const PAGE = 100;

/** What was published of a row's market, oldest first, and what was in force `at` a time (null: now). */
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
  const publications = inOrder((history.data?.pages ?? []).flatMap(({ data }) => data));
  const known = at === null ? null : publishedBy(publications, at);
  const asked = useQuery({
    queryKey: ["chart", "at", id, at],
    queryFn: async ({ signal }) => {
      const query = { at };
      return (await get("/api/v1/analysis/{result_id}", { path: { result_id: id ?? 0 }, query, signal })).data;
    },
    // Only what lies before the pages that were read.
    enabled: id !== null && at !== null && known === null && history.isSuccess,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const shown = at === null ? null : (known ?? asked.data ?? null);
  const loadEarlier = history.hasNextPage ? () => void history.fetchNextPage() : undefined;
  return { publications, shown, error: asked.error, loadEarlier };
}
