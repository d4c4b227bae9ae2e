import { beforeEach, expect, it, vi } from "vitest";
import { StreamConnection } from "./connection";

class FakeSource extends EventTarget {
  readyState = 0;
  close = vi.fn();
}

let opened: { url: string; source: FakeSource }[];
let connection: StreamConnection;
const sink = { onState: vi.fn(), onEvent: vi.fn() };

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", { CLOSED: 2 });
  opened = [];
  let tickets = 0;
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify({ ticket: `t${++tickets}` }), { status: 201 })));
  connection = new StreamConnection("/stream", sink, () => "secret", (url) => {
    const source = new FakeSource();
    opened.push({ url, source });
    return source as unknown as EventSource;
  });
  return () => vi.useRealTimers();
});

it("opens every connection with a ticket of its own", async () => {
  connection.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(opened.map(({ url }) => url)).toEqual(["/stream?ticket=t1"]);
  const source = opened[0]?.source as FakeSource;
  source.readyState = EventSource.CLOSED;
  source.dispatchEvent(new Event("error"));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(opened.map(({ url }) => url)).toEqual(["/stream?ticket=t1", "/stream?ticket=t2"]);
});

it("opens nothing if it is stopped before the ticket comes, and one connection if it is started again", async () => {
  connection.start();
  connection.stop();
  await vi.advanceTimersByTimeAsync(0);
  expect(opened).toEqual([]);
  connection.start();
  connection.stop();
  connection.start();
  connection.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(opened.length).toBe(1);
});
