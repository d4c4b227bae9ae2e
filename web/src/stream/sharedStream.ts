/**
 * One stream for all windows of a browser: a browser opens at most six connections to a host over HTTP/1.1, so that the
 * seventh window with a stream of its own would never load.
 *
 * A SharedWorker has the stream and hands every event to the windows that listen. It outlives the window that opened
 * it, so no window has to take over from another; and other than Web Locks it is available on pages over plain HTTP.
 */
import type { Connection, ConnectionSink, ConnectionState } from "./connection";
import type { EventKind } from "./events";

/** A worker cannot read a window's key, so each window that starts sends its own. */
type Request = { start: string | null } | "stop";
type Answer = { state: ConnectionState } | { kind: EventKind; data: string };
type Port = Pick<MessagePort, "postMessage" | "onmessage">;

/** In the worker: hands the events of one connection to the ports that listen; it is open while one does. */
export class StreamServer {
  private readonly ports = new Set<Port>();
  private readonly connection: Connection;
  private state: ConnectionState = "connecting";
  private key: string | null = null;

  constructor(connect: (sink: ConnectionSink, loadKey: () => string | null) => Connection) {
    const sink: ConnectionSink = {
      onState: (state) => {
        this.state = state;
        this.send({ state });
      },
      onEvent: (kind, data) => this.send({ kind, data }),
    };
    this.connection = connect(sink, () => this.key);
  }

  attach(port: Port): void {
    port.onmessage = ({ data }: MessageEvent<Request>) => {
      if (data === "stop") this.remove(port);
      else this.add(port, data.start);
    };
  }

  /** The newest key counts: the one before may be refused. A window without one leaves it. */
  private add(port: Port, key: string | null): void {
    if (key !== null && key !== this.key) {
      this.key = key;
      this.connection.stop();
    }
    this.ports.add(port);
    port.postMessage({ state: this.state } satisfies Answer);
    this.connection.start();
  }

  private remove(port: Port): void {
    this.ports.delete(port);
    if (this.ports.size === 0) this.connection.stop();
  }

  private send(answer: Answer): void {
    for (const port of this.ports) port.postMessage(answer);
  }
}

/** In a window: the connection that the worker of `port` has. */
export class SharedConnection implements Connection {
  constructor(
    private readonly port: Port,
    sink: ConnectionSink,
    private readonly loadKey: () => string | null,
  ) {
    port.onmessage = ({ data }: MessageEvent<Answer>) => {
      if ("state" in data) sink.onState(data.state);
      else sink.onEvent(data.kind, data.data);
    };
  }

  start(): void {
    this.port.postMessage({ start: this.loadKey() } satisfies Request);
  }

  stop(): void {
    this.port.postMessage("stop" satisfies Request);
  }
}
