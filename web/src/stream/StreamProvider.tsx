import { useQueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, useEffectEvent, useState, useSyncExternalStore, type ReactNode } from "react";
import { onApiKeyChange } from "../api/key";
import { priceKey, type MarketName } from "../format/market";
import type { EventKind, PriceTicked, StreamEvents } from "./events";
import type { ConnectionState } from "./connection";
import { StreamHub } from "./hub";
import { ACTIVE_WATCHES } from "../watches/useWatches";
import { openStream } from "./openStream";
import { LatestPrices } from "./prices";

const Context = createContext<{ hub: StreamHub; prices: LatestPrices } | null>(null);

/** A hidden tab stops listening after this time, except for fires. */
const HIDDEN_TIMEOUT_MS = 30_000;

export function StreamProvider({ children, hub: given }: { children: ReactNode; hub?: StreamHub }) {
  const queries = useQueryClient();
  const [streaming] = useState(() => ({ hub: given ?? new StreamHub(openStream), prices: new LatestPrices() }));
  const { hub, prices } = streaming;
  useEffect(() => {
    const unsubscribes = [
      hub.on("price", prices.update),
      hub.on("reset", () => void queries.invalidateQueries()),
      onApiKeyChange(() => {
        hub.restart();
        void queries.invalidateQueries();
      }),
      connectWhileVisible(hub, () => (queries.getQueryData<number>(ACTIVE_WATCHES) ?? 0) > 0),
    ];
    return () => {
      for (const unsubscribe of unsubscribes) unsubscribe();
      hub.stop();
    };
  }, [hub, prices, queries]);
  return <Context value={streaming}>{children}</Context>;
}

/** Call `listener` with every event of a kind while the component is mounted. */
export function useStream<K extends EventKind>(kind: K, listener: (event: StreamEvents[K]) => void): void {
  const { hub } = useStreaming();
  const handle = useEffectEvent(listener);
  useEffect(() => hub.on(kind, (event) => handle(event)), [hub, kind]);
}

/** Whether events arrive at present. */
export function useConnectionState(): ConnectionState {
  const { hub } = useStreaming();
  return useSyncExternalStore(hub.subscribeToState, hub.currentState);
}

/** The latest tick of a market, updated at most four times a second; undefined before the first one. */
export function usePrice(market: MarketName): PriceTicked | undefined {
  const { prices } = useStreaming();
  const key = priceKey(market);
  return useSyncExternalStore(
    (listener) => prices.subscribe(key, listener),
    () => prices.get(key),
  );
}

/** The latest prices of all markets, for what looks at many of them now and then. */
export function useLatestPrices(): LatestPrices {
  return useStreaming().prices;
}

function useStreaming() {
  const streaming = use(Context);
  if (!streaming) throw new Error("stream hooks need a StreamProvider above them");
  return streaming;
}

/** A page that is hidden for a while stops, or goes on for fires while there are watches. */
function connectWhileVisible(hub: StreamHub, hasWatches: () => boolean): () => void {
  let pending: ReturnType<typeof setTimeout> | undefined;
  const update = () => {
    clearTimeout(pending);
    if (document.visibilityState === "hidden") pending = setTimeout(() => (hasWatches() ? hub.narrow(["watch", "reset"]) : hub.stop()), HIDDEN_TIMEOUT_MS);
    else hub.start();
  };
  const stop = () => hub.stop();
  document.addEventListener("visibilitychange", update);
  // A page that is closed, or kept for the back button, listens no more.
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", update);
  update();
  return () => {
    clearTimeout(pending);
    document.removeEventListener("visibilitychange", update);
    window.removeEventListener("pagehide", stop);
    window.removeEventListener("pageshow", update);
  };
}
