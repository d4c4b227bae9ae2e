import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ConnectionSink } from "./connection";
import { StreamHub } from "./hub";
import { SharedConnection, StreamServer } from "./sharedStream";

let upstream: ConnectionSink;
const connection = { start: vi.fn(), stop: vi.fn() };
let server: StreamServer;
let loadKey: () => string | null;

/** Two ends of a channel that deliver at once. */
function openChannel(): [MessagePort, MessagePort] {
  const ends = [{ onmessage: null }, { onmessage: null }] as unknown as [MessagePort, MessagePort];
  const connect = (from: MessagePort, to: MessagePort) => {
    from.postMessage = (data: unknown) => void to.onmessage?.({ data } as MessageEvent);
  };
  connect(ends[0], ends[1]);
  connect(ends[1], ends[0]);
  return ends;
}

/** A window that listens to the worker, with the prices it got and the resets. */
function openWindow(key: string | null = null) {
  const [inWindow, inWorker] = openChannel();
  server.attach(inWorker);
  const hub = new StreamHub((sink) => new SharedConnection(inWindow, sink, () => key));
  const price = vi.fn();
  const reset = vi.fn();
  hub.on("price", price);
  hub.on("reset", reset);
  hub.start();
  return { hub, price, reset };
}

beforeEach(() => {
  connection.start.mockReset();
  connection.stop.mockReset();
  server = new StreamServer((sink, load) => {
    upstream = sink;
    loadKey = load;
    return connection;
  });
});

describe("SharedConnection", () => {
  it("hands each event to every window", () => {
    const windows = [openWindow(), openWindow(), openWindow()];
    upstream.onState("live");
    upstream.onEvent("price", '{"price":1}');
    for (const { hub, price, reset } of windows) {
      expect(hub.currentState()).toBe("live");
      expect(price).toHaveBeenCalledExactlyOnceWith({ price: 1 });
      expect(reset).not.toHaveBeenCalled();
    }
  });

  it("connects again with the key of a window, and keeps it for windows without one", () => {
    openWindow();
    expect(loadKey()).toBe(null);
    openWindow("secret");
    expect(connection.stop).toHaveBeenCalledOnce();
    openWindow("secret");
    openWindow();
    expect(loadKey()).toBe("secret");
    expect(connection.stop).toHaveBeenCalledOnce();
    openWindow("newer");
    expect(loadKey()).toBe("newer");
    expect(connection.stop).toHaveBeenCalledTimes(2);
  });

  it("passes the state on to a window that is opened later", () => {
    openWindow();
    upstream.onState("live");
    expect(openWindow().hub.currentState()).toBe("live");
  });

  it("stays open while one window listens", () => {
    const [first, second] = [openWindow(), openWindow()];
    upstream.onState("live");
    first.hub.stop();
    upstream.onEvent("price", '{"price":2}');
    expect(first.price).not.toHaveBeenCalled();
    expect(second.price).toHaveBeenCalledOnce();
    expect(connection.stop).not.toHaveBeenCalled();
    second.hub.stop();
    expect(connection.stop).toHaveBeenCalledOnce();
  });

  it("resets the window that was away, and no other", () => {
    const [first, second] = [openWindow(), openWindow()];
    upstream.onState("live");
    first.hub.stop();
    first.hub.start();
    expect(first.reset).toHaveBeenCalledOnce();
    expect(second.reset).not.toHaveBeenCalled();
  });
});
