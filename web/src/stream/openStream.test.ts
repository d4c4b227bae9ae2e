import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openStream } from "./openStream";

const opened: string[] = [];
const sink = { onState: vi.fn(), onEvent: vi.fn() };

class FakeEventSource extends EventTarget {
  constructor(url: string) {
    super();
    opened.push(url);
  }

  close() {
    opened.pop();
  }
}

/** A SharedWorker that records what is sent to it. */
class FakeWorker {
  static last: FakeWorker;
  onerror: (() => void) | null = null;
  sent: unknown[] = [];
  port = { postMessage: (data: unknown) => void this.sent.push(data), close: vi.fn(), onmessage: null };

  constructor() {
    FakeWorker.last = this;
  }
}

beforeEach(() => {
  opened.length = 0;
  vi.stubGlobal("EventSource", FakeEventSource);
});
afterEach(() => vi.unstubAllGlobals());

describe("openStream", () => {
  it("opens no connection of its own where a SharedWorker has one", () => {
    vi.stubGlobal("SharedWorker", FakeWorker);
    const connection = openStream(sink);
    connection.start();
    connection.stop();
    expect(FakeWorker.last.sent).toEqual([{ start: null }, "stop"]);
    expect(opened).toEqual([]);
  });

  it("opens one where the browser has no SharedWorker", () => {
    vi.stubGlobal("SharedWorker", undefined);
    const connection = openStream(sink);
    connection.start();
    expect(opened).toEqual(["/api/v1/stream"]);
    connection.stop();
    expect(opened).toEqual([]);
  });

  it("opens one where the worker's script cannot be loaded", () => {
    vi.stubGlobal("SharedWorker", FakeWorker);
    const connection = openStream(sink);
    connection.start();
    FakeWorker.last.onerror?.();
    expect(opened).toEqual(["/api/v1/stream"]);
    connection.stop();
    expect(opened).toEqual([]);
  });
});
