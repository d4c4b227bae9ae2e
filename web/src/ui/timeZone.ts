/** The time zone in which times are shown: UTC, in which candles are counted, or the browser's. A choice kept in the browser. */
import { useSyncExternalStore } from "react";
import { loadPreference, savePreference } from "./preferences";

export const ZONES = ["utc", "local"] as const;
export type Zone = (typeof ZONES)[number];

const NAME = "time-zone";
const listeners = new Set<() => void>();
let zone: Zone | null = null;

function currentZone(): Zone {
  return (zone ??= loadPreference(NAME, ZONES) ?? "utc");
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function setZone(next: Zone): void {
  zone = next;
  savePreference(NAME, next);
  for (const listener of listeners) listener();
}

export function useZone(): Zone {
  return useSyncExternalStore(subscribe, currentZone);
}
