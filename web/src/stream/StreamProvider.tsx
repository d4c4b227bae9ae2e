import { useQueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, useEffectEvent, useState, useSyncExternalStore, type ReactNode } from "react";
import { priceKey, type MarketName } from "../format/market";
import type { Kind, PriceTicked, Told } from "./events";
import { StreamHub, type Line } from "./hub";
import { LatestPrices } from "./prices";

const Context = createContext<{ hub: StreamHub; prices: LatestPrices } | null>(null);

/** A hidden tab keeps its line this long; in ms. */
const PATIENCE = 30_000;

export function StreamProvider({ children, hub: given }: { children: ReactNode; hub?: StreamHub }) {
  const queries = useQueryClient();
  const [streaming] = useState(() => ({ hub: given ?? new StreamHub("/api/v1/stream"), prices: new LatestPrices() }));
  const { hub, prices } = streaming;
  useEffect(() => {
    const deaf = [
      hub.on("price", prices.note),
      hub.on("reset", () => void queries.invalidateQueries()),
      followVisibility(hub),
    ];
    return () => {
      for (const stop of deaf) stop();
      hub.stop();
    };
  }, [hub, prices, queries]);
  return <Context value={streaming}>{children}</Context>;
}

/** Call `hear` with every event of a kind, for as long as the component is shown. */
export function useStream<K extends Kind>(kind: K, hear: (told: Told[K]) => void): void {
  const { hub } = useStreaming();
  const heard = useEffectEvent(hear);
  useEffect(() => hub.on(kind, (told) => heard(told)), [hub, kind]);
}

/** Whether news arrives at present. */
export function useLine(): Line {
  const { hub } = useStreaming();
  return useSyncExternalStore(hub.subscribeToLine, hub.currentLine);
}

/** The latest tick of a market, at most four times a second; undefined until one came. */
export function usePrice(market: MarketName): PriceTicked | undefined {
  const { prices } = useStreaming();
  const key = priceKey(market);
  return useSyncExternalStore(
    (watcher) => prices.watch(key, watcher),
    () => prices.of(key),
  );
}

function useStreaming() {
  const streaming = use(Context);
  if (!streaming) throw new Error("a hook of the stream outside of StreamProvider");
  return streaming;
}

function followVisibility(hub: StreamHub): () => void {
  let leaving: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(leaving);
    if (document.visibilityState === "hidden") leaving = setTimeout(() => hub.stop(), PATIENCE);
    else hub.start();
  };
  document.addEventListener("visibilitychange", look);
  look();
  return () => {
    clearTimeout(leaving);
    document.removeEventListener("visibilitychange", look);
  };
}
