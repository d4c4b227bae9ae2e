/** The live stream by the browser's EventSource, reopened when the browser gives it up. */
import { Unavailable } from "./errors.js";
import { RepeatFilter } from "./repeats.js";
import type { Transport } from "./transport.js";
import type { EventKind, StreamEvent } from "./types.js";

/** An EventSource dispatches only what is listened for: a record, so that no kind is left out. */
const KINDS: Record<EventKind, true> = {
  ...{ result: true, unchanged: true, failure: true, price: true },
  ...{ watch: true, level: true, reset: true },
};
const CLOSED = 2;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;

export interface ListenOptions<K extends EventKind = EventKind> {
  /** Market key, `exchange:market_type:symbol`, or symbol; all markets if absent. */
  market?: string;
  /** Kinds of events; all if absent. */
  types?: readonly K[];
  /** Called when the connection opens (true) and when it is cut (false). */
  onState?: (isLive: boolean) => void;
  /** Called when the server refuses, and is not asked again. Without it the error is an unhandled rejection. */
  onRefused?: (error: unknown) => void;
}

export class EventSourceStream {
  private readonly repeats = new RepeatFilter();
  private readonly closing = new AbortController();
  private source: EventSource | undefined;
  private lastId = "";
  private pauseMs = FIRST_PAUSE_MS;

  constructor(
    private readonly transport: Transport,
    private readonly onEvent: (event: StreamEvent) => void,
    private readonly options: ListenOptions,
  ) {
    void this.open();
  }

  close(): void {
    this.closing.abort();
    this.source?.close();
  }

  private async open(): Promise<void> {
    const { market, types } = this.options;
    try {
      const source = await this.transport.openEventSource({ market, types: types?.join(","), last_event_id: this.lastId });
      if (this.closing.signal.aborted) source.close();
      else this.follow(source);
    } catch (error) {
      if (error instanceof Unavailable) await this.reopen();
      else if (this.options.onRefused) this.options.onRefused(error);
      else throw error;
    }
  }

  private follow(source: EventSource): void {
    this.source = source;
    source.addEventListener("open", () => {
      this.pauseMs = FIRST_PAUSE_MS;
      this.options.onState?.(true);
    });
    source.addEventListener("error", () => {
      this.options.onState?.(false);
      // Unless it is closed, the browser reconnects by itself and sends the id of the last event.
      if (source.readyState === CLOSED) void this.reopen();
    });
    for (const kind of Object.keys(KINDS) as EventKind[]) source.addEventListener(kind, (event) => this.receive(kind, event as MessageEvent<string>));
  }

  private receive(kind: EventKind, { data, lastEventId }: MessageEvent<string>): void {
    this.lastId = lastEventId;
    const event = { id: lastEventId, kind, data: JSON.parse(data) as unknown } as StreamEvent;
    if (!this.repeats.isRepeat(event)) this.onEvent(event);
  }

  private async reopen(): Promise<void> {
    const pause = this.pauseMs;
    this.pauseMs = Math.min(pause * 2, MAX_PAUSE_MS);
    await this.transport.sleep(pause);
    if (!this.closing.signal.aborted) await this.open();
  }
}
