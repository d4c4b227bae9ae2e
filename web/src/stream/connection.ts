/** One EventSource, reopened when the browser gives it up. */
import { EVENT_KINDS, type EventKind } from "./events";
import { locateStream } from "./ticket";

export type ConnectionState = "connecting" | "live";

export interface ConnectionSink {
  onState: (state: ConnectionState) => void;
  /** `data` is JSON. */
  onEvent: (kind: EventKind, data: string) => void;
}

/** Where events come from. `start` and `stop` do nothing while it is started or stopped already. */
export interface Connection {
  start: () => void;
  stop: () => void;
}

const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;
const INTERRUPTED = '{"reason":"the stream was interrupted"}';

export class StreamConnection implements Connection {
  private source: EventSource | null = null;
  private started = false;
  /** Counts the attempts to connect: an address that comes after a stop, or after a later attempt, is not opened. */
  private attempt = 0;
  private retryMs = FIRST_RETRY_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private reopened = false;

  constructor(
    private readonly url: string,
    private readonly sink: ConnectionSink,
    private readonly loadKey: () => string | null,
    private readonly open: (url: string) => EventSource = (address) => new EventSource(address),
  ) {}

  start(): void {
    if (this.started) return;
    this.started = true;
    this.reopened = false;
    this.connect();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.started = false;
    this.attempt += 1;
    this.source?.close();
    this.source = null;
    this.sink.onState("connecting");
  }

  /** With a key a ticket is created first: it is valid for a minute, so every connection needs one of its own. */
  private connect(): void {
    this.attempt += 1;
    const attempt = this.attempt;
    const address = locateStream(this.url, this.loadKey());
    if (typeof address === "string") this.listen(address);
    else void address.then((one) => attempt === this.attempt && this.listen(one));
  }

  private listen(address: string): void {
    const source = this.open(address);
    this.source = source;
    source.addEventListener("open", () => this.onOpen());
    source.addEventListener("error", () => this.onError(source));
    for (const kind of EVENT_KINDS) {
      source.addEventListener(kind, (event) => this.sink.onEvent(kind, (event as MessageEvent<string>).data));
    }
  }

  private onOpen(): void {
    this.retryMs = FIRST_RETRY_MS;
    this.sink.onState("live");
    // A new EventSource has no last id to send, so the server cannot replay what was missed.
    if (this.reopened) this.sink.onEvent("reset", INTERRUPTED);
    this.reopened = false;
  }

  private onError(source: EventSource): void {
    if (source !== this.source) return;
    this.sink.onState("connecting");
    // Unless it is closed, the browser reconnects by itself and sends the id of the last event.
    if (source.readyState !== EventSource.CLOSED) return;
    this.reopened = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, MAX_RETRY_MS);
  }
}
