import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

/** News is told before it is written down: what depends on the tables is read anew so much later; in ms. */
const SETTLED = 1_500;

/** Call what is returned when something was told: what is kept under `key` is read anew soon, once for all until then. */
export function useSettled(key: QueryKey): () => void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
  return () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void queries.invalidateQueries({ queryKey: key });
    }, SETTLED);
  };
}
