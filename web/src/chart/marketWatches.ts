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

/** Convert the active watches to lines of the chart; `moved` is one whose line is being dragged. */
export function toWatchLines(
  watches: readonly Watch[],
  label: Record<Watch["side"], string>,
  moved: { id: string; price: number } | null = null,
): SceneWatch[] {
  return watches
    .filter(({ state }) => state === "active")
    .map(({ id, target, side }) => ({ id, price: moved?.id === id ? moved.price : target, label: label[side] }));
}

/** Whether the price of a watch can be changed: one that follows a level takes it from there. */
export function isMovable({ state, level_id, on_move }: Watch): boolean {
  return state === "active" && !(level_id !== null && on_move === "follow");
}

/** Return the price that many steps of the shown digits away, rounded to them; it stays above zero. */
export function stepPrice(price: number, steps: number, decimals: number): number {
  const step = 10 ** -decimals;
  return Number(Math.max(price + steps * step, step).toFixed(decimals));
}
