import { beforeEach, describe, expect, it, vi } from "vitest";
import { StreamConnection } from "./connection";
import { StreamHub } from "./hub";

/** An EventSource that the test controls. */
class FakeSource extends EventTarget {
  readyState: number = EventSource.CONNECTING;
  closed = false;

  open() {
    this.readyState = EventSource.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  emit(kind: string, data: object | string) {
    this.dispatchEvent(new MessageEvent(kind, { data: typeof data === "string" ? data : JSON.stringify(data) }));
  }

  fail(readyState: number) {
    this.readyState = readyState;
    this.dispatchEvent(new Event("error"));
  }

  close() {
    this.closed = true;
  }
}

let sources: FakeSource[];
let hub: StreamHub;
const last = () => sources.at(-1) as FakeSource;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", { CONNECTING: 0, OPEN: 1, CLOSED: 2 });
  sources = [];
  const open = () => {
    const source = new FakeSource();
    sources.push(source);
    return source as unknown as EventSource;
  };
  hub = new StreamHub((sink) => new StreamConnection("/stream", sink, () => null, open));
  return () => {
    vi.useRealTimers();
  };
});

describe("StreamHub", () => {
  it("dispatches each kind to its own listeners over one connection", () => {
    const prices = vi.fn();
    const results = vi.fn();
    hub.on("price", prices);
    hub.on("result", results);
    hub.start();
    hub.start();
    last().open();
    last().emit("price", { price: 1 });
    expect(sources).toHaveLength(1);
    expect(prices).toHaveBeenCalledExactlyOnceWith({ price: 1 });
    expect(results).not.toHaveBeenCalled();
  });

  it("stops calling an unsubscribed listener, and ignores invalid JSON", () => {
    const listener = vi.fn();
    const unsubscribe = hub.on("price", listener);
    hub.start();
    last().open();
    last().emit("price", "not json");
    unsubscribe();
    last().emit("price", { price: 1 });
    expect(listener).not.toHaveBeenCalled();
  });

  it("leaves reconnecting to the browser while the source is not closed", () => {
    const reset = vi.fn();
    hub.on("reset", reset);
    hub.start();
    last().open();
    last().fail(EventSource.CONNECTING);
    expect(hub.currentState()).toBe("connecting");
    last().open();
    expect(hub.currentState()).toBe("live");
    expect(sources).toHaveLength(1);
    expect(reset).not.toHaveBeenCalled();
  });

  it("reopens a closed source with a growing delay, and then dispatches reset", () => {
    const reset = vi.fn();
    hub.on("reset", reset);
    hub.start();
    last().open();
    last().fail(EventSource.CLOSED);
    vi.advanceTimersByTime(1_000);
    last().fail(EventSource.CLOSED);
    vi.advanceTimersByTime(1_000);
    expect(sources).toHaveLength(2);
    vi.advanceTimersByTime(1_000);
    expect(sources).toHaveLength(3);
    last().open();
    expect(reset).toHaveBeenCalledOnce();
  });

  it("closes the source on stop, and dispatches reset after the next start", () => {
    const reset = vi.fn();
    hub.on("reset", reset);
    hub.start();
    last().open();
    hub.stop();
    expect(last().closed).toBe(true);
    expect(hub.currentState()).toBe("connecting");
    hub.start();
    last().open();
    expect(sources).toHaveLength(2);
    expect(reset).toHaveBeenCalledOnce();
  });

  it("dispatches some kinds while narrowed, and then reset", () => {
    const [prices, watches, reset] = [vi.fn(), vi.fn(), vi.fn()];
    hub.on("price", prices);
    hub.on("watch", watches);
    hub.on("reset", reset);
    hub.start();
    last().open();
    hub.narrow(["watch"]);
    last().emit("price", { price: 1 });
    last().emit("watch", { type: "fired" });
    expect(prices).not.toHaveBeenCalled();
    expect(watches).toHaveBeenCalledOnce();
    hub.start();
    expect(reset).toHaveBeenCalledOnce();
    last().emit("price", { price: 2 });
    expect(prices).toHaveBeenCalledOnce();
    expect(sources).toHaveLength(1);
  });

  it("notifies state listeners once for each change", () => {
    const listener = vi.fn();
    hub.subscribeToState(listener);
    hub.start();
    last().open();
    last().open();
    expect(listener).toHaveBeenCalledOnce();
  });
});
