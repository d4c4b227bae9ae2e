import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { patch } from "../api/client";
import { useMessages } from "../i18n/language";
import { useToasts } from "../ui/toasts";
import type { Watch } from "./marketWatches";
import type { Move } from "./WatchHandles";

/** Move a watch to another price; the notification about it moves it back. `moved`: where its line is until it is saved. */
export function useMoveWatch(format: (price: number) => string) {
  const m = useMessages().watches;
  const toasts = useToasts();
  const queries = useQueryClient();
  const [moved, setMoved] = useState<Move | null>(null);
  const saving = useMutation({
    mutationFn: ({ watch, price }: { watch: Watch; price: number }) =>
      patch("/api/v1/watches/{watch_id}", { target: price }, { path: { watch_id: watch.id } }),
    onSuccess: ({ data }, { watch }) => {
      toasts.add({
        id: `moved-${watch.id}`,
        title: m.moved(data.symbol, format(data.target)),
        type: data.side,
        timeout: 10_000,
        ...(watch.target === data.target ? {} : { action: { label: m.undo, onClick: () => saving.mutate({ watch: data, price: watch.target }) } }),
      });
    },
    onSettled: async () => {
      await queries.invalidateQueries({ queryKey: ["watches"] });
      setMoved(null);
    },
  });
  const drop = (watch: Watch, price: number) => {
    setMoved({ id: watch.id, price });
    saving.mutate({ watch, price });
  };
  const retry = () => saving.variables && drop(saving.variables.watch, saving.variables.price);
  return { moved, setMoved, drop, error: saving.error, retry };
}
