import { beforeEach, describe, expect, it, vi } from "vitest";
import { StreamHub } from "./hub";

/** An EventSource that does as it is told. */
class FakeSource extends EventTarget {
  readyState: number = EventSource.CONNECTING;
  closed = false;

  open() {
    this.readyState = EventSource.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  tell(kind: string, data: object | string) {
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
  hub = new StreamHub("/stream", () => {
    const source = new FakeSource();
    sources.push(source);
    return source as unknown as EventSource;
  });
  return () => {
    vi.useRealTimers();
  };
});

describe("the hub", () => {
  it("tells each kind to who listens, on one line", () => {
    const prices = vi.fn();
    const results = vi.fn();
    hub.on("price", prices);
    hub.on("result", results);
    hub.start();
    hub.start();
    last().open();
    last().tell("price", { price: 1 });
    expect(sources).toHaveLength(1);
    expect(prices).toHaveBeenCalledExactlyOnceWith({ price: 1 });
    expect(results).not.toHaveBeenCalled();
  });

  it("tells no more who has gone, and survives what is no JSON", () => {
    const hear = vi.fn();
    const leave = hub.on("price", hear);
    hub.start();
    last().open();
    last().tell("price", "not json");
    leave();
    last().tell("price", { price: 1 });
    expect(hear).not.toHaveBeenCalled();
  });

  it("leaves short interruptions to the browser, which sends the last id", () => {
    const reset = vi.fn();
    hub.on("reset", reset);
    hub.start();
    last().open();
    last().fail(EventSource.CONNECTING);
    expect(hub.currentLine()).toBe("connecting");
    last().open();
    expect(hub.currentLine()).toBe("live");
    expect(sources).toHaveLength(1);
    expect(reset).not.toHaveBeenCalled();
  });

  it("opens a line that was closed again, ever more patiently, and then says reset", () => {
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

  it("lets go when stopped, and says reset when started again", () => {
    const reset = vi.fn();
    hub.on("reset", reset);
    hub.start();
    last().open();
    hub.stop();
    expect(last().closed).toBe(true);
    expect(hub.currentLine()).toBe("connecting");
    hub.start();
    last().open();
    expect(sources).toHaveLength(2);
    expect(reset).toHaveBeenCalledOnce();
  });

  it("tells who watches the line when it changes", () => {
    const watch = vi.fn();
    hub.subscribeToLine(watch);
    hub.start();
    last().open();
    last().open();
    expect(watch).toHaveBeenCalledOnce();
  });
});
