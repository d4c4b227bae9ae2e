import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { get } from "../api/client";
import { useApiKey } from "../api/useApiKey";
import { locateStream } from "../stream/ticket";
import { usePageVisible } from "../ui/usePageVisible";
import { toQuery, type Question } from "./question";

const LIMIT = 100;
/** Distances move all the time, and an answer is cheap. A hidden page does not ask. */
const INTERVAL_MS = 1_000;

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
  useEffect(() => {
    if (!visible) return;
    let source: EventSource | undefined;
    let left = false;
    void Promise.resolve(locateStream(`/api/v1/stream/near?${parameters}`, key)).then((address) => {
      if (left) return;
      source = new EventSource(address);
      source.addEventListener("near", () => void client.invalidateQueries({ queryKey: ["near"] }));
    });
    return () => {
      left = true;
      source?.close();
    };
  }, [client, parameters, visible, key]);
}
