/** The latest price of each market, as the stream tells them. */
import { priceKey } from "../format/market";
import type { PriceTicked } from "./events";

/** Screens follow no faster than this; in ms. */
const PACE = 250;

export class LatestPrices {
  private readonly latest = new Map<string, PriceTicked>();
  private readonly watchers = new Map<string, Set<() => void>>();
  private readonly changed = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Note a tick; who watches its market is told at the next beat, once for all ticks until then. */
  readonly note = (tick: PriceTicked): void => {
    const key = priceKey(tick);
    const known = this.latest.get(key);
    if (known && known.at > tick.at) return;
    this.latest.set(key, tick);
    this.changed.add(key);
    this.timer ??= setTimeout(this.beat, PACE);
  };

  of(key: string): PriceTicked | undefined {
    return this.latest.get(key);
  }

  watch(key: string, watcher: () => void): () => void {
    const watchers = this.watchers.get(key) ?? new Set();
    this.watchers.set(key, watchers.add(watcher));
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0) this.watchers.delete(key);
    };
  }

  private readonly beat = (): void => {
    this.timer = undefined;
    const due = [...this.changed];
    this.changed.clear();
    for (const key of due) for (const watcher of this.watchers.get(key) ?? []) watcher();
  };
}
