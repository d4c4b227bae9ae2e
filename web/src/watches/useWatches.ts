import { keepPreviousData, useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { get, patch } from "../api/client";
import type { Watch } from "./draft";

export const STATES = ["active", "paused", "fired", "expired", "cancelled"] as const;

/** Key of the number of active watches: a hidden page stays connected while there are any. */
export const ACTIVE_WATCHES = ["watches", "active-count"] as const;

const PAGE_SIZE = 50;

/** Prices that stay away cause no event: whether a watch is blind is read again after this time. */
const REFRESH_MS = 15_000;

/** A page of watches; an empty `state` selects all. FireToasts refetches it when a watch fires or expires. */
export function useWatches(state: Watch["state"] | "", page: number) {
  return useQuery({
    queryKey: ["watches", { state, page }],
    queryFn: ({ signal }) =>
      get("/api/v1/watches", { query: { ...(state ? { state } : {}), page, pageSize: PAGE_SIZE }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
}

/** The fires of a watch, newest first. */
export function useFires(watchId: string) {
  return useQuery({
    queryKey: ["watches", watchId, "fires"],
    queryFn: ({ signal }) => get("/api/v1/watches/{watch_id}/fires", { path: { watch_id: watchId }, signal }),
  });
}

/** Pause or resume a watch. */
export function useSetWatchState() {
  const invalidate = useInvalidateWatches();
  return useMutation({
    mutationFn: ({ watch, state }: { watch: Watch; state: "active" | "paused" }) =>
      patch("/api/v1/watches/{watch_id}", { state }, { path: { watch_id: watch.id } }),
    onSettled: invalidate,
  });
}

/** Show a watch as it was saved in every list that has it, until the lists are loaded again. */
export function showSaved(queries: QueryClient, watch: Watch): void {
  queries.setQueriesData({ queryKey: ["watches"] }, (cached: unknown) => replaceWatch(cached, watch));
  void queries.invalidateQueries({ queryKey: ["watches"] });
}

/** A cached page or list with `watch` in the place of the one with its id; what has no watches stays as it is. */
export function replaceWatch(cached: unknown, watch: Watch): unknown {
  if (Array.isArray(cached)) return cached.map((row: { id?: unknown }) => (row.id === watch.id ? watch : row));
  if (typeof cached !== "object" || cached === null || !("data" in cached)) return cached;
  return { ...cached, data: replaceWatch(cached.data, watch) };
}

function useInvalidateWatches() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ["watches"] });
}
