/** The stream: how it resumes, what it omits, and when it ends. */
import { describe, expect, it } from "vitest";
import { Refused, Unavailable, type StreamEvent } from "../src/index.js";
import { RepeatFilter } from "../src/repeats.js";
import { EventParser, LineSplitter } from "../src/sse.js";
import { connect, problem, stream } from "./server.js";

const fired = (id: string, fire: string): string => `id: ${id}\nevent: watch\ndata: {"type": "fired", "fire_id": "${fire}"}\n\n`;
const MARKET = { exchange: "binance", market_type: "spot", symbol: "BTCUSDT", timeframe: "1h" };
const result = (hash: string, ids: string[]) =>
  ({ id: "", kind: "result", data: { market: MARKET, params_hash: "p", candles_hash: hash, request_ids: ids } }) as unknown as StreamEvent;

async function take(events: AsyncIterable<StreamEvent>, count: number): Promise<StreamEvent[]> {
  const taken: StreamEvent[] = [];
  for await (const event of events) {
    taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}

describe("lines and events", () => {
  it("are the same however the text is cut, with every end of line", () => {
    const text = ":comment\r\nid: 1\revent: price\ndata: {\ndata:  \"a\": 1}\r\n\r\nid\ndata: {}\n\nevent: x\n\n";
    const expected = [
      { id: "1", kind: "price", data: { a: 1 } },
      { id: "", kind: "message", data: {} },
    ];
    for (let size = 1; size <= text.length; size += 1) {
      const splitter = new LineSplitter();
      const parser = new EventParser();
      const events: unknown[] = [];
      for (let at = 0; at < text.length; at += size) {
        for (const line of splitter.push(text.slice(at, at + size))) {
          const event = parser.feed(line);
          if (event) events.push(event);
        }
      }
      expect(events).toEqual(expected);
    }
  });
});

describe("RepeatFilter", () => {
  it("recognises equal results whatever the order of their ids, and nothing else", () => {
    const filter = new RepeatFilter();
    expect([result("c", ["a", "b"]), result("c", ["b", "a"]), result("d", ["a", "b"]), result("c", ["a"])].map((one) => filter.isRepeat(one))).toEqual([
      false,
      true,
      false,
      false,
    ]);
    const price = { id: "", kind: "price", data: { price: 1 } } as unknown as StreamEvent;
    expect([filter.isRepeat(price), filter.isRepeat(price)]).toEqual([false, false]);
  });

  it("recognises closes without change", () => {
    const filter = new RepeatFilter();
    const close = (hash: string) =>
      ({ id: "", kind: "unchanged", data: { market: MARKET, candles_hash: hash, levels_at: "2026-11-22T11:00:00Z" } }) as unknown as StreamEvent;
    expect(["a", "b", "a"].map((hash) => filter.isRepeat(close(hash)))).toEqual([false, false, true]);
  });

  it("forgets the oldest when it is full", () => {
    const filter = new RepeatFilter(2);
    const seen = ["a", "b", "c", "c", "a"].map((hash) => filter.isRepeat(result(hash, [])));
    expect(seen).toEqual([false, false, false, true, false]);
  });
});

describe("the stream", () => {
  it("resumes after a cut with the last id, and omits repeats", async () => {
    const cut = stream([fired("i-1", "a"), fired("i-2", "b"), "id: i-3\nevent: watch\nda"], true);
    const { client, sent, pauses } = connect([cut, stream([fired("j-1", "b"), fired("j-2", "c")])]);
    const events = await take(client.stream({ types: ["watch", "price"], market: "BTCUSDT" }), 3);
    expect(events.map((one) => [one.id, (one.data as { fire_id: string }).fire_id])).toEqual([
      ["i-1", "a"],
      ["i-2", "b"],
      ["j-2", "c"],
    ]);
    expect(sent[0]?.url.search).toBe("?market=BTCUSDT&types=watch%2Cprice");
    expect(sent.map((one) => one.headers.get("Last-Event-ID"))).toEqual([null, "i-2"]);
    expect(pauses).toEqual([500]);
  });

  it("goes on as long as something comes between the cuts, else it throws Unavailable", async () => {
    const alive = () => stream([":\n\n"], true);
    const { client, pauses } = connect([alive(), alive(), alive(), new TypeError("refused"), stream([])], { retries: 1 });
    await expect(take(client.stream(), 1)).rejects.toThrow(Unavailable);
    expect(pauses).toEqual([500, 500, 500]);
  });

  it("throws what the server refuses, and closes the connection when the loop is left", async () => {
    let isCancelled = false;
    const endless = new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new TextEncoder().encode(fired("1", String(Math.random())))),
        cancel: () => {
          isCancelled = true;
        },
      }),
    );
    const { client } = connect([problem(422, "types: unknown 'x'"), endless]);
    await expect(take(client.stream(), 1)).rejects.toThrow(Refused);
    expect(await take(client.stream(), 2)).toHaveLength(2);
    expect(isCancelled).toBe(true);
  });

  it("ends with the reason of the caller's signal", async () => {
    const controller = new AbortController();
    const open: typeof fetch = (_, init) => {
      const body = new ReadableStream<Uint8Array>({
        start: (stream) => init?.signal?.addEventListener("abort", () => stream.error(init.signal?.reason)),
      });
      setTimeout(() => controller.abort(new Error("the page was left")));
      return Promise.resolve(new Response(body));
    };
    const { client } = connect([], { fetch: open });
    await expect(take(client.stream({ signal: controller.signal }), 1)).rejects.toThrow("the page was left");
  });
});
