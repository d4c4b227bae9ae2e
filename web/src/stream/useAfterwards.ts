import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { Kind, Told } from "./events";
import { useStream } from "./StreamProvider";

/**
 * The stream is a moment ahead of the tables: an event is published before it is written down. So what was read is
 * read anew a little later, and once more in case the sink is slow. However fast events come, no more often. In ms.
 */
const DELAYS = [700, 4_000] as const;

/** Read the queries under `name` anew after each event of a kind, or each that `concerns` them. */
export function useAfterwards<K extends Kind>(kind: K, name: string, concerns?: (told: Told[K]) => boolean): void {
  const queries = useQueryClient();
  const timers = useRef(new Map<number, ReturnType<typeof setTimeout>>());
  useStream(kind, (told) => {
    if (concerns && !concerns(told)) return;
    for (const delay of DELAYS) {
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
