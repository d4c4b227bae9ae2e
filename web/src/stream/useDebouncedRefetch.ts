import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { EventKind, StreamEvents } from "./events";
import { useStream } from "./StreamProvider";

/**
 * An event is published before the sink writes it to the database. Queries are therefore refetched a little after the
 * event, and once more in case the sink is slow. Further events within a delay add no refetch.
 */
const DELAYS_MS = [700, 4_000] as const;

/** Refetch the queries under `name` after events of a kind; `matches` limits which events count. */
export function useDebouncedRefetch<K extends EventKind>(
  kind: K,
  name: string,
  matches?: (event: StreamEvents[K]) => boolean,
): void {
  const queries = useQueryClient();
  const timers = useRef(new Map<number, ReturnType<typeof setTimeout>>());
  useStream(kind, (event) => {
    if (matches && !matches(event)) return;
    for (const delay of DELAYS_MS) {
      if (timers.current.has(delay)) continue;
      const timer = setTimeout(() => {
        timers.current.delete(delay);
        void queries.invalidateQueries({ queryKey: [name] });
      }, delay);
      timers.current.set(delay, timer);
    }
  });
  useEffect(() => {
    const pending = timers.current;
    return () => {
      pending.forEach((timer) => clearTimeout(timer));
      pending.clear();
    };
  }, []);
}
