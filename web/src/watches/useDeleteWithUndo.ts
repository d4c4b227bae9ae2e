import { useMutation, useQueryClient } from "@tanstack/react-query";
import { post, remove } from "../api/client";
import { useMessages } from "../i18n/language";
import { useToasts } from "../ui/toasts";
import type { Watch } from "./draft";

const UNDO_MS = 15_000;

/** Delete a watch; the notification about it restores it, with its state and its fires. */
export function useDeleteWithUndo() {
  const m = useMessages().watches;
  const toasts = useToasts();
  const queries = useQueryClient();
  const refetch = () => queries.invalidateQueries({ queryKey: ["watches"] });
  const restoring = useMutation({
    mutationFn: (watch: Watch) => post("/api/v1/watches/{watch_id}/restore", undefined, { path: { watch_id: watch.id } }),
    onSuccess: (_, watch) => toasts.add({ id: `deleted-${watch.id}`, title: m.restored(watch.symbol), type: watch.side }),
    onError: (error) => toasts.add({ title: m.notRestored, description: error.message, type: "error" }),
    onSettled: refetch,
  });
  return useMutation({
    mutationFn: (watch: Watch) => remove("/api/v1/watches/{watch_id}", { path: { watch_id: watch.id } }),
    onSuccess: (_, watch) =>
      toasts.add({
        id: `deleted-${watch.id}`,
        title: m.deleted(watch.symbol),
        timeout: UNDO_MS,
        action: { label: m.undo, onClick: () => restoring.mutate(watch) },
      }),
    onSettled: refetch,
  });
}
