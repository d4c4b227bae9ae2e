import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, patch, remove } from "../api/client";
import type { Watch } from "./draft";

export const STATES = ["active", "paused", "fired", "expired", "cancelled"] as const;

const PAGE_SIZE = 50;

/** A page of watches. `state`: empty for all. FireToasts has it read anew when one fired or ended. */
export function useWatches(state: Watch["state"] | "", page: number) {
  return useQuery({
    queryKey: ["watches", { state, page }],
    queryFn: ({ signal }) =>
      get("/api/v1/watches", { query: { ...(state ? { state } : {}), page, pageSize: PAGE_SIZE }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** The fires of a watch, the newest first. */
export function useFires(watchId: string) {
  return useQuery({
    queryKey: ["watches", watchId, "fires"],
    queryFn: ({ signal }) => get("/api/v1/watches/{watch_id}/fires", { path: { watch_id: watchId }, signal }),
  });
}

/** Pause a watch, or set it to work (again). */
export function useTurn() {
  const settled = useSettled();
  return useMutation({
    mutationFn: ({ watch, state }: { watch: Watch; state: "active" | "paused" }) =>
      patch("/api/v1/watches/{watch_id}", { state }, { path: { watch_id: watch.id } }),
    onSettled: settled,
  });
}

export function useRemoval() {
  const settled = useSettled();
  return useMutation({
    mutationFn: (watch: Watch) => remove("/api/v1/watches/{watch_id}", { path: { watch_id: watch.id } }),
    onSettled: settled,
  });
}

function useSettled() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ["watches"] });
}
