/**
 * The candles of one chart: the newest page first, older ones when asked, prices as they come. No React in here.
 *
 * Prices move the last candle at once; what the exchange says of it (its volume, and what prices missed) is read anew
 * every now and then, from the last candle that was known to be open.
 */
import { type Candle, type Tick, withNewest, withOlder, withTick } from "./candles";

const PAGE = 1_000;
const TRUSTED = 5_000; // ms in which a price is taken to be newer than candles that were just read

export interface Span {
  limit: number;
  before?: number;
  since?: number;
}

export interface Feed {
  candles: readonly Candle[];
  /** Of the newest page: null while it is being read, or once it is there. */
  error: unknown;
  loading: boolean;
  older: "idle" | "loading" | "failed" | "exhausted";
}

export class CandleFeed {
  private state: Feed = { candles: [], error: null, loading: true, older: "idle" };
  private readonly watchers = new Set<() => void>();
  private tick: Tick | null = null;
  private ended = new AbortController();

  constructor(
    private readonly read: (span: Span, signal: AbortSignal) => Promise<Candle[]>,
    private readonly timeframe: string,
    private readonly now: () => number = Date.now,
  ) {}

  readonly current = (): Feed => this.state;

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** Read the newest page; again after an error. */
  readonly load = async (): Promise<void> => {
    const { signal } = this.ended;
    this.set({ loading: true, error: null }, signal);
    try {
      const candles = await this.read({ limit: PAGE }, signal);
      this.set({ candles: this.withLatestPrice(candles), loading: false }, signal);
    } catch (error) {
      this.set({ loading: false, error }, signal);
    }
  };

  /** Read the page before the first candle; nothing while one is being read, or after the first there is. */
  readonly loadOlder = async (): Promise<void> => {
    const first = this.state.candles[0];
    if (!first || this.state.older === "loading" || this.state.older === "exhausted") return;
    const { signal } = this.ended;
    this.set({ older: "loading" }, signal);
    try {
      const page = await this.read({ limit: PAGE, before: first.time }, signal);
      const candles = withOlder(this.state.candles, page);
      const grew = candles.length > this.state.candles.length;
      this.set({ candles, older: grew ? "idle" : "exhausted" }, signal);
    } catch {
      this.set({ older: "failed" }, signal); // what is there stays; the page offers to try again
    }
  };

  /** Read anew what may have changed since: a failure leaves what there is, and the next refresh makes up for it. */
  readonly refresh = async (): Promise<void> => {
    const since = this.state.candles.at(-2)?.time;
    if (since === undefined) return;
    const { signal } = this.ended;
    try {
      const newest = await this.read({ limit: PAGE, since }, signal);
      this.set({ candles: this.withLatestPrice(withNewest(this.state.candles, newest)) }, signal);
    } catch {
      return;
    }
  };

  readonly priced = (tick: Tick): void => {
    if (this.tick && tick.at < this.tick.at) return;
    this.tick = tick;
    this.set({ candles: withTick(this.state.candles, tick, this.timeframe) });
  };

  /** Begin, or begin again after `close` (React mounts twice while developing). */
  open(): void {
    if (!this.ended.signal.aborted) return;
    this.ended = new AbortController();
    this.set({ older: "idle" });
  }

  /** Whatever is still being read changes nothing any more. */
  close(): void {
    this.ended.abort();
  }

  private withLatestPrice(candles: readonly Candle[]): readonly Candle[] {
    const recent = this.tick && this.now() - this.tick.at < TRUSTED;
    return recent && this.tick ? withTick(candles, this.tick, this.timeframe) : candles;
  }

  private set(changed: Partial<Feed>, signal = this.ended.signal): void {
    if (signal.aborted) return;
    this.state = { ...this.state, ...changed };
    for (const watcher of this.watchers) watcher();
  }
}
