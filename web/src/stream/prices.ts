/** The latest price of each market, from the price events of the stream. */
import { priceKey } from "../format/market";
import type { PriceTicked } from "./events";

/** Listeners are called at most once in this time. */
const NOTIFY_INTERVAL_MS = 250;

export class LatestPrices {
  private readonly latest = new Map<string, PriceTicked>();
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly changed = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Store a tick unless it is older than the stored one; listeners are called once for all ticks of an interval. */
  readonly update = (tick: PriceTicked): void => {
    const key = priceKey(tick);
    const known = this.latest.get(key);
    if (known && known.at > tick.at) return;
    this.latest.set(key, tick);
    this.changed.add(key);
    this.timer ??= setTimeout(this.notify, NOTIFY_INTERVAL_MS);
  };

  get(key: string): PriceTicked | undefined {
    return this.latest.get(key);
  }

  /** Call `listener` after changes of one market; returns the unsubscribe function. */
  subscribe(key: string, listener: () => void): () => void {
    const listeners = this.listeners.get(key) ?? new Set();
    this.listeners.set(key, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.listeners.delete(key);
    };
  }

  private readonly notify = (): void => {
    this.timer = undefined;
    const due = [...this.changed];
    this.changed.clear();
    for (const key of due) for (const listener of this.listeners.get(key) ?? []) listener();
  };
}
