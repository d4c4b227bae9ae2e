/** The watches of a market as they will be once what was just told is written down. Pure. */
import type { components } from "../api/schema";
import type { WatchExpired, WatchFired } from "../stream/events";
import type { SceneWatch } from "./canvas/scene";

export type Watch = components["schemas"]["Watch"];

export function withTold(watches: readonly Watch[], told: WatchFired | WatchExpired): Watch[] {
  return watches.map((watch) => (watch.id === told.watch_id ? after(watch, told) : watch));
}

function after(watch: Watch, told: WatchFired | WatchExpired): Watch {
  if (told.type === "expired") return { ...watch, state: "expired" };
  if (watch.last_fired_at && Date.parse(watch.last_fired_at) >= Date.parse(told.at)) return watch; // read already
  return {
    ...watch,
    state: watch.repeat === "once" ? "fired" : watch.state,
    fires: watch.fires + 1,
    last_fired_at: told.at,
    last_fired_price: told.price,
  };
}

/** Those that still wait, then those that fired, the last first; what ended in silence is for the page of watches. */
export function worthShowing(watches: readonly Watch[]): Watch[] {
  const waiting = watches.filter(({ state }) => state === "active" || state === "paused");
  const fired = watches.filter(({ state }) => state === "fired");
  const moment = ({ last_fired_at }: Watch) => (last_fired_at ? Date.parse(last_fired_at) : 0);
  return [
    ...waiting.toSorted((one, other) => other.target - one.target),
    ...fired.toSorted((one, other) => moment(other) - moment(one)),
  ];
}

/** Those that wait now, as lines of the chart. */
export function drawnWatches(watches: readonly Watch[], label: Record<Watch["side"], string>): SceneWatch[] {
  return watches
    .filter(({ state }) => state === "active")
    .map(({ id, target, side }) => ({ id, price: target, label: label[side] }));
}
