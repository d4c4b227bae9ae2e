/** The stream by EventSource: tickets, what it omits, and when it is reopened. */
import { expect, it, vi } from "vitest";
import { Client, Refused, type StreamEvent } from "../src/index.js";
import { connect, json, problem } from "./server.js";

/** An EventSource that the test controls. */
class FakeSource extends EventTarget {
  readyState = 0;

  constructor(readonly url: string) {
    super();
  }

  emit(kind: string, id: string, data: object): void {
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data), lastEventId: id }));
  }

  fail(readyState: number): void {
    this.readyState = readyState;
    this.dispatchEvent(new Event("error"));
  }

  close(): void {
    this.readyState = 2;
  }
}

function listen(answers: Response[], apiKey?: string) {
  const sources: FakeSource[] = [];
  const events: StreamEvent[] = [];
  const states: boolean[] = [];
  const refusals: unknown[] = [];
  const openEventSource = (url: string): EventSource => {
    const source = new FakeSource(url);
    sources.push(source);
    return source as unknown as EventSource;
  };
  const { client, pauses } = connect(answers, { apiKey, openEventSource });
  const stop = client.listen((event) => events.push(event), {
    types: ["level", "price"],
    onState: (isLive) => states.push(isLive),
    onRefused: (error) => refusals.push(error),
  });
  const opened = (count: number): Promise<FakeSource> =>
    vi.waitFor(() => {
      expect(sources).toHaveLength(count);
      return sources[count - 1] as FakeSource;
    });
  return { client, sources, events, states, refusals, pauses, stop, opened };
}

const ticket = (text: string): Response => json({ ticket: text, expires_at: "2026-11-22T12:31:00Z" }, 201);

it("omits events that were already received, and leaves reconnecting to the browser", async () => {
  const { events, states, opened, sources, stop } = listen([]);
  const source = await opened(1);
  expect(source.url).toBe("http://server/api/v1/stream?types=level%2Cprice");
  source.dispatchEvent(new Event("open"));
  source.emit("level", "a-1", { event_id: "e" });
  source.fail(0);
  source.emit("level", "b-1", { event_id: "e" });
  source.emit("price", "b-2", { price: 1 });
  source.emit("unchanged", "b-2", { market: {}, candles_hash: "c" });
  expect(events.map((event) => [event.id, event.kind])).toEqual([["a-1", "level"], ["b-2", "price"], ["b-2", "unchanged"]]);
  expect(states).toEqual([true, false]);
  expect(sources).toHaveLength(1);
  stop();
  expect(source.readyState).toBe(2);
});

it("reopens a closed stream after the last event, with a new ticket", async () => {
  const { opened, pauses, stop } = listen([ticket("one"), problem(503, "away"), ticket("two")], "key");
  const first = await opened(1);
  expect(first.url).toContain("ticket=one");
  first.emit("price", "a-7", { price: 1 });
  first.fail(2);
  const second = await opened(2);
  expect(new URL(second.url).searchParams.get("ticket")).toBe("two");
  expect(new URL(second.url).searchParams.get("last_event_id")).toBe("a-7");
  expect(pauses).toEqual([1_000, 500]);
  stop();
});

it("reports a refusal, and opens nothing after it was stopped", async () => {
  const refused = listen([problem(401, "the key is unknown")], "key");
  await vi.waitFor(() => expect(refused.refusals[0]).toBeInstanceOf(Refused));
  const stopped = listen([ticket("one")], "key");
  stopped.stop();
  const source = await stopped.opened(1);
  expect(source.readyState).toBe(2);
  expect(refused.sources).toEqual([]);
});

it("is what browsers have", () => {
  vi.stubGlobal("EventSource", FakeSource);
  const stop = new Client({ url: "http://server" }).listen(() => undefined);
  stop();
  vi.unstubAllGlobals();
});
