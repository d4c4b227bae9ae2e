/**
 * The candles of one chart: the newest page first, older pages on demand, and live prices. Independent of React.
 *
 * A price moves the last candle at once. The exchange's own version of it (its volume, and prices that were missed) is
 * refreshed periodically, from the last candle that was known to be open.
 */
import { serverNow } from "../api/serverClock";
import { NEWEST_PAGE, PAGE, type CandleSpan } from "./candleQuery";
import { type Candle, type Tick, mergeNewest, prependOlder, applyTick } from "./candles";

const PRICE_PRECEDENCE_MS = 5_000; // a price this recent is taken to be newer than candles that were just read

export interface FeedState {
  candles: readonly Candle[];
  /** Error of the newest page; null while it loads and after it loaded. */
  error: unknown;
  loading: boolean;
  older: "idle" | "loading" | "failed" | "exhausted";
}

export class CandleFeed {
  private state: FeedState = { candles: [], error: null, loading: true, older: "idle" };
  private readonly listeners = new Set<() => void>();
  private tick: Tick | null = null;
  private controller = new AbortController();

  constructor(
    private readonly read: (span: CandleSpan, signal: AbortSignal) => Promise<Candle[]>,
    private readonly timeframe: string,
    private readonly now: () => number = serverNow,
  ) {}

  readonly current = (): FeedState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Read the newest page; call it again after an error. */
  readonly load = async (): Promise<void> => {
    const { signal } = this.controller;
    this.set({ loading: true, error: null }, signal);
    try {
      const candles = await this.read(NEWEST_PAGE, signal);
      this.set({ candles: this.withLatestPrice(candles), loading: false }, signal);
    } catch (error) {
      this.set({ loading: false, error }, signal);
    }
  };

  /** Read the page before the first candle. Does nothing while a page loads or when there are no older candles. */
  readonly loadOlder = async (): Promise<void> => {
    const first = this.state.candles[0];
    if (!first || this.state.older === "loading" || this.state.older === "exhausted") return;
    const { signal } = this.controller;
    this.set({ older: "loading" }, signal);
    try {
      const page = await this.read({ limit: PAGE, before: first.time }, signal);
      const candles = prependOlder(this.state.candles, page);
      const grew = candles.length > this.state.candles.length;
      this.set({ candles, older: grew ? "idle" : "exhausted" }, signal);
    } catch {
      this.set({ older: "failed" }, signal); // keep the candles; the page offers a retry
    }
  };

  /** Refresh the candles that may have changed. A failure keeps the current ones; the next refresh catches up. */
  readonly refresh = async (): Promise<void> => {
    const since = this.state.candles.at(-2)?.time;
    if (since === undefined) return;
    const { signal } = this.controller;
    try {
      const newest = await this.read({ limit: PAGE, since }, signal);
      this.set({ candles: this.withLatestPrice(mergeNewest(this.state.candles, newest)) }, signal);
    } catch {
      return;
    }
  };

  readonly applyPrice = (tick: Tick): void => {
    if (this.tick && tick.at < this.tick.at) return;
    this.tick = tick;
    this.set({ candles: applyTick(this.state.candles, tick, this.timeframe) });
  };

  /** Open, also again after `close` (React mounts twice in development). */
  open(): void {
    if (!this.controller.signal.aborted) return;
    this.controller = new AbortController();
    this.set({ older: "idle" });
  }

  /** Abort pending reads; their results are ignored. */
  close(): void {
    this.controller.abort();
  }

  private withLatestPrice(candles: readonly Candle[]): readonly Candle[] {
    const recent = this.tick && this.now() - this.tick.at < PRICE_PRECEDENCE_MS;
    return recent && this.tick ? applyTick(candles, this.tick, this.timeframe) : candles;
  }

  private set(changed: Partial<FeedState>, signal = this.controller.signal): void {
    if (signal.aborted) return;
    this.state = { ...this.state, ...changed };
    for (const listener of this.listeners) listener();
  }
}
