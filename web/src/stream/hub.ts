/**
 * Dispatches the events of the stream to all components of the page.
 *
 * A hidden page stops its hub, or narrows it to the fires of watches. When it is shown again, `reset` is dispatched: it may have missed events.
 */
import type { Connection, ConnectionSink, ConnectionState } from "./connection";
import { EVENT_KINDS, type EventKind, type StreamEvents } from "./events";

type Listener<K extends EventKind> = (event: StreamEvents[K]) => void;

export class StreamHub {
  private readonly connection: Connection;
  private readonly listeners = new Map<EventKind, Set<Listener<never>>>(EVENT_KINDS.map((kind) => [kind, new Set()]));
  private readonly stateListeners = new Set<() => void>();
  private state: ConnectionState = "connecting";
  private mayHaveMissedEvents = false;
  private started = false;
  private only: ReadonlySet<EventKind> | null = null;

  constructor(connect: (sink: ConnectionSink) => Connection) {
    this.connection = connect({
      onState: (state) => this.setState(state),
      onEvent: (kind, data) => this.dispatch(kind, data),
    });
  }

  /** Connect; while started it only dispatches all kinds again. */
  start(): void {
    if (this.started) {
      if (this.only) this.dispatchReset();
      return;
    }
    this.started = true;
    this.connection.start();
  }

  /** Dispatch these kinds only, until the next start. */
  narrow(kinds: readonly EventKind[]): void {
    if (this.started) this.only = new Set(kinds);
  }

  /** Close the connection and keep the listeners. */
  stop(): void {
    if (!this.started) return;
    this.started = false;
    this.mayHaveMissedEvents = true;
    this.only = null;
    this.connection.stop();
    this.setState("connecting");
  }

  /** Connect again, with the key that the page has now. */
  restart(): void {
    if (!this.started) return;
    this.stop();
    this.start();
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

  private dispatch(kind: EventKind, data: string): void {
    if (!this.started || (this.only && !this.only.has(kind))) return;
    let event: never;
    try {
      event = JSON.parse(data) as never;
    } catch {
      return;
    }
    for (const listener of this.listeners.get(kind) ?? []) listener(event);
  }

  private setState(state: ConnectionState): void {
    if (state === this.state || (state === "live" && !this.started)) return;
    this.state = state;
    for (const listener of this.stateListeners) listener();
    if (state !== "live" || !this.mayHaveMissedEvents) return;
    this.dispatchReset();
  }

  private dispatchReset(): void {
    this.only = null;
    this.mayHaveMissedEvents = false;
    this.dispatch("reset", '{"reason":"the page was hidden"}');
  }
}
