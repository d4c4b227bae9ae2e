/** A list of texts, such as market keys (`sim:spot:BTCUSDT`), in the browser's local storage, shared by its windows. */

const PREFIX = "strandline.";

export class StoredList {
  private values: readonly string[] | null = null;
  private readonly listeners = new Set<() => void>();

  /** `max`: how many are kept, the first ones. */
  constructor(
    private readonly name: string,
    private readonly max: number,
  ) {}

  readonly current = (): readonly string[] => (this.values ??= this.load());

  /** For useSyncExternalStore. */
  readonly subscribe = (listener: () => void): (() => void) => {
    if (this.listeners.size === 0) addEventListener("storage", this.onStorage);
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) removeEventListener("storage", this.onStorage);
    };
  };

  /** Put a value first. */
  readonly addFirst = (value: string): void => {
    if (this.current()[0] !== value) this.save([value, ...this.current().filter((one) => one !== value)]);
  };

  /** Put a value last, or remove it. */
  readonly toggle = (value: string): void => {
    const without = this.current().filter((one) => one !== value);
    this.save(without.length < this.current().length ? without : [...without, value]);
  };

  readonly replace = (values: readonly string[]): void => this.save(values);

  private save(values: readonly string[]): void {
    this.values = values.slice(0, this.max);
    try {
      localStorage.setItem(PREFIX + this.name, JSON.stringify(this.values));
    } catch {
      // Private windows of some browsers refuse to store: the list lasts until the page is closed.
    }
    for (const listener of this.listeners) listener();
  }

  private load(): readonly string[] {
    try {
      const stored: unknown = JSON.parse(localStorage.getItem(PREFIX + this.name) ?? "[]");
      return Array.isArray(stored) ? stored.filter((one) => typeof one === "string").slice(0, this.max) : [];
    } catch {
      return [];
    }
  }

  private readonly onStorage = (event: StorageEvent): void => {
    if (event.key !== PREFIX + this.name) return;
    this.values = null;
    for (const listener of this.listeners) listener();
  };
}

export const stars = new StoredList("stars", 500);
export const recentMarkets = new StoredList("recent", 12);
/** Timeframes whose levels a chart shows beside its own. */
export const otherTimeframes = new StoredList("other-timeframes", 16);
