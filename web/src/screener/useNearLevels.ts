import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { get } from "../api/client";
import { useApiKey } from "../api/useApiKey";
import { locateStream } from "../stream/ticket";
import { usePageVisible } from "../ui/usePageVisible";
import { toQuery, type Question } from "./question";

const LIMIT = 100;
/** Distances move all the time, and an answer is cheap. A hidden page does not ask. */
const INTERVAL_MS = 1_000;
/** How long after the browser gave a stream up it is opened again: a ticket is not accepted a second time. */
const REOPEN_MS = 5_000;

/** The levels near the price: asked for every second while the page is visible, and at once when one enters or leaves. */
export function useNearLevels(question: Question) {
  const query = { ...toQuery(question), limit: LIMIT };
  useMembership(new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)])).toString());
  return useQuery({
    queryKey: ["near", query],
    queryFn: ({ signal }) => get("/api/v1/levels/near", { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: INTERVAL_MS,
  });
}

/**
 * Ask again when a level has entered or left the answer. Without the stream, the page is a second behind. A hidden tab
 * closes it: a browser opens only six connections to a host.
 */
function useMembership(parameters: string): void {
  const client = useQueryClient();
  const visible = usePageVisible();
  const key = useApiKey();
  const [opened, setOpened] = useState(0);
  useEffect(() => {
    if (!visible) return;
    let source: EventSource | undefined;
    let reopening: number | undefined;
    let left = false;
    void Promise.resolve(locateStream(`/api/v1/stream/near?${parameters}`, key)).then((address) => {
      if (left) return;
      source = new EventSource(address);
      source.addEventListener("near", () => void client.invalidateQueries({ queryKey: ["near"] }));
      source.addEventListener("error", () => {
        if (source?.readyState !== EventSource.CLOSED) return;
        reopening = window.setTimeout(() => setOpened((count) => count + 1), REOPEN_MS);
      });
    });
    return () => {
      left = true;
      window.clearTimeout(reopening);
      source?.close();
    };
  }, [client, parameters, visible, key, opened]);
}
