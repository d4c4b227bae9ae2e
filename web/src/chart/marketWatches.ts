/** Applies watch events to the watches of a market, and selects those to display. Pure. */
import type { components } from "../api/schema";
import type { StreamEvents } from "../stream/events";
import type { SceneWatch } from "./canvas/scene";

export type Watch = components["schemas"]["Watch"];

export function applyWatchEvent(watches: readonly Watch[], event: StreamEvents["watch"]): Watch[] {
  return watches.map((watch) => (watch.id === event.watch_id ? applyToWatch(watch, event) : watch));
}

function applyToWatch(watch: Watch, event: StreamEvents["watch"]): Watch {
  if (event.type === "expired") return { ...watch, state: "expired" };
  if (event.type !== "fired") return watch; // shown where the row is read again
  if (watch.last_fired_at && Date.parse(watch.last_fired_at) >= Date.parse(event.at)) return watch; // already in the row
  return {
    ...watch,
    state: watch.repeat === "once" ? "fired" : watch.state,
    fires: watch.fires + 1,
    last_fired_at: event.at,
    last_fired_price: event.price,
  };
}

/** Return active and paused watches by price, then fired ones, newest first; the others are on the page of watches. */
export function selectListed(watches: readonly Watch[]): Watch[] {
  const waiting = watches.filter(({ state }) => state === "active" || state === "paused");
  const fired = watches.filter(({ state }) => state === "fired");
  const firedAt = ({ last_fired_at }: Watch) => (last_fired_at ? Date.parse(last_fired_at) : 0);
  return [
    ...waiting.toSorted((one, other) => other.target - one.target),
    ...fired.toSorted((one, other) => firedAt(other) - firedAt(one)),
  ];
}

/** Convert the active watches to lines of the chart. */
export function toWatchLines(watches: readonly Watch[], label: Record<Watch["side"], string>): SceneWatch[] {
  return watches
    .filter(({ state }) => state === "active")
    .map(({ id, target, side }) => ({ id, price: target, label: label[side] }));
}
