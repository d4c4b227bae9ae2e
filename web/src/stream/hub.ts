/**
 * One EventSource for the whole page, shared by all its components.
 *
 * A browser opens at most six connections to a host, so a hidden tab closes its stream. When it is shown again a new
 * stream is opened and `reset` is dispatched. Short interruptions are covered by the event ids that EventSource sends
 * when it reconnects by itself.
 */
import { EVENT_KINDS, type EventKind, type StreamEvents } from "./events";

export type ConnectionState = "connecting" | "live";
type Listener<K extends EventKind> = (event: StreamEvents[K]) => void;

const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;

export class StreamHub {
  private source: EventSource | null = null;
  private readonly listeners = new Map<EventKind, Set<Listener<never>>>(EVENT_KINDS.map((kind) => [kind, new Set()]));
  private readonly stateListeners = new Set<() => void>();
  private state: ConnectionState = "connecting";
  private retryMs = FIRST_RETRY_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private mayHaveMissedEvents = false;
  private started = false;

  constructor(
    private readonly url: string,
    private readonly open: (url: string) => EventSource = (address) => new EventSource(address),
  ) {}

  /** Connect; does nothing while started. */
  start(): void {
    if (this.started) return;
    this.started = true;
    this.connect();
  }

  /** Close the connection and keep the listeners. */
  stop(): void {
    if (!this.started) return;
    this.started = false;
    this.mayHaveMissedEvents = true;
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    this.setState("connecting");
  }

  /** Subscribe to one kind of event; call the returned function to unsubscribe. */
  on<K extends EventKind>(kind: K, listener: Listener<K>): () => void {
    const listeners = this.listeners.get(kind) as Set<Listener<K>>;
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** For useSyncExternalStore. */
  readonly subscribeToState = (listener: () => void): (() => void) => {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  };

  readonly currentState = (): ConnectionState => this.state;

  private connect(): void {
    const source = this.open(this.url);
    this.source = source;
    source.addEventListener("open", () => this.onOpen());
    source.addEventListener("error", () => this.onError(source));
    for (const kind of EVENT_KINDS) {
      source.addEventListener(kind, (event) => this.dispatch(kind, (event as MessageEvent<string>).data));
    }
  }

  private onOpen(): void {
    this.retryMs = FIRST_RETRY_MS;
    this.setState("live");
    // A new EventSource has no last id to send, so the server cannot replay what was missed.
    if (this.mayHaveMissedEvents) this.dispatch("reset", '{"reason":"the stream was interrupted"}');
    this.mayHaveMissedEvents = false;
  }

  private onError(source: EventSource): void {
    this.setState("connecting");
    // Unless it is closed, the browser reconnects by itself and sends the id of the last event.
    if (source.readyState !== EventSource.CLOSED || !this.started) return;
    this.mayHaveMissedEvents = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, MAX_RETRY_MS);
  }

  private dispatch(kind: EventKind, data: string): void {
    let event: never;
    try {
      event = JSON.parse(data) as never;
    } catch {
      return;
    }
    for (const listener of this.listeners.get(kind) ?? []) listener(event);
  }

  private setState(state: ConnectionState): void {
    if (state === this.state) return;
    this.state = state;
    for (const listener of this.stateListeners) listener();
  }
}
