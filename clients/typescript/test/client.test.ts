/** What the client sends, repeats, and throws. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { AnalysisFailed, NotFound, Refused, StillRunning, Unavailable } from "../src/index.js";
import { connect, json, problem, RESULT } from "./server.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

const QUEUED = { request_id: "r-1", status: "queued" };
const JOB = { request_id: "r-1", status: "completed", result_id: 7 };
const ID = /^[0-9a-f]{32}$/;

describe("the address", () => {
  it("keeps its path, and is relative to the page where there is one", async () => {
    const { client, sent } = connect([json({ data: RESULT })], { url: "https://desk.example/strandline/" });
    await client.result(7);
    expect(sent[0]?.url.href).toBe("https://desk.example/strandline/api/v1/analysis/7");
    expect(() => connect([], { url: "/strandline" })).toThrow("Invalid URL");
    vi.stubGlobal("location", { href: "https://desk.example/page" });
    const inPage = connect([json({ data: RESULT })], { url: "/strandline" });
    await inPage.client.result(7);
    expect(inPage.sent[0]?.url.href).toBe("https://desk.example/strandline/api/v1/analysis/7");
  });
});

describe("a read", () => {
  it("returns a result of a market at a time", async () => {
    const { client, sent } = connect([json({ data: RESULT })], { apiKey: "k" });
    const result = await client.resultOf("binance:spot:BTCUSDT:1h", { at: new Date(Date.UTC(2026, 10, 22, 13)) });
    expect(result.support_levels).toEqual([64000.5]);
    expect(sent[0]?.url.pathname).toBe("/api/v1/analysis/by-market/binance:spot:BTCUSDT:1h");
    expect(sent[0]?.url.searchParams.get("at")).toBe("2026-11-22T13:00:00.000Z");
    expect(sent[0]?.headers.get("X-API-Key")).toBe("k");
  });

  it("returns a page, and omits parameters without a value", async () => {
    const { client, sent } = connect([json({ data: [RESULT], total: 101, page: 2, pageSize: 100, totalPages: 2 })]);
    const page = await client.results({ symbol: "btc", exchange: null }, { page: 2 });
    expect({ ...page, items: page.items.length }).toEqual({ items: 1, total: 101, page: 2, pages: 2 });
    expect(sent[0]?.url.search).toBe("?symbol=btc&page=2&pageSize=100");
  });

  it("follows the cursor through all results", async () => {
    const page = { total: 2, page: 1, pageSize: 500, totalPages: 1 };
    const { client, sent } = connect([json({ data: [RESULT], ...page, next: "7" }), json({ data: [RESULT], ...page, next: null })]);
    const found = [];
    for await (const result of client.allResults({ exchange: "binance" })) found.push(result.id);
    expect(found).toEqual([7, 7]);
    expect(sent.map((one) => one.url.search)).toEqual([
      "?exchange=binance&include=levels&after=0&pageSize=500",
      "?exchange=binance&include=levels&after=7&pageSize=500",
    ]);
  });

  it("returns candles of a market key", async () => {
    const candle = { timestamp: 1_795_345_200_000, open: 1, high: 2, low: 0.5, close: 1.5, volume: 9, is_closed: true };
    const { client, sent } = connect([json({ data: [candle] })]);
    const before = "2026-11-22T13:00:00Z";
    expect(await client.candles("binance:spot:BTCUSDT:1h", { limit: 5, before })).toEqual([candle]);
    expect(Object.fromEntries(sent[0]?.url.searchParams ?? [])).toEqual({
      ...{ exchange: "binance", market_type: "spot", symbol: "BTCUSDT", interval: "1h" },
      ...{ limit: "5", before: String(Date.parse(before)) },
    });
    await expect(client.candles("BTCUSDT")).rejects.toThrow("BTCUSDT is not a market key");
  });

  it("downloads levels as they were known, as a file that is no JSON", async () => {
    const { client, sent, pauses } = connect([problem(503, "busy"), new Response("known_from,price\n")]);
    const file = await client.exportLevels("binance:spot:BTCUSDT:1h", new Date(Date.UTC(2026, 10, 1)), { to: "2026-11-02T00:00:00Z" });
    expect(await file.text()).toBe("known_from,price\n");
    expect(Object.fromEntries(sent[1]?.url.searchParams ?? [])).toEqual({
      market: "binance:spot:BTCUSDT:1h",
      from: "2026-11-01T00:00:00.000Z",
      to: "2026-11-02T00:00:00Z",
      format: "csv",
    });
    expect(pauses.length).toBe(1);
  });

  it("returns the nearest levels, and what happened at one", async () => {
    const { client, sent } = connect([json({ data: [{ level_id: "S1", distance_atr: null }], total: 1 }), json({ data: [{ type: "broke" }] })]);
    const [near] = await client.nearLevels({ within_atr: 0.5, side: "support", fresh: false });
    expect(near?.level_id).toBe("S1");
    expect(sent[0]?.url.search).toBe("?within_atr=0.5&side=support&fresh=false");
    expect((await client.levelEvents("binance:spot:BTCUSDT:1h", "S1")).map((one) => one.type)).toEqual(["broke"]);
    expect(sent[1]?.url.pathname).toBe("/api/v1/levels/binance:spot:BTCUSDT:1h/S1/events");
  });

  it("asks for several jobs in one call", async () => {
    const { client, sent } = connect([json({ data: [JOB] })]);
    expect(await client.jobs(new Set(["r-1", "r-2"]))).toEqual([JOB]);
    expect(sent[0]?.url.searchParams.get("ids")).toBe("r-1,r-2");
  });

  it("throws NotFound, and Refused with the words of the server", async () => {
    const { client } = connect([problem(404, "no result 9"), problem(422, "page: too large"), new Response("<html>", { status: 400 })]);
    await expect(client.result(9)).rejects.toThrow(NotFound);
    const refused = client.results();
    await expect(refused).rejects.toThrow(Refused);
    await expect(refused).rejects.toMatchObject({ status: 422, detail: "page: too large" });
    await expect(client.results()).rejects.toMatchObject({ status: 400 });
  });
});

describe("a call to a server that is away or busy", () => {
  it("is repeated after growing pauses, and no sooner than the server demands", async () => {
    const answers = [new TypeError("fetch failed"), problem(503, "away"), problem(429, "slow down", { "Retry-After": "7" }), json({ data: RESULT })];
    const { client, pauses } = connect(answers);
    expect((await client.result(7)).id).toBe(7);
    expect(pauses).toEqual([500, 1_000, 7_000]);
  });

  it("throws Unavailable once the retries are used up", async () => {
    const { client, pauses } = connect([problem(503, "away"), problem(503, "still away")], { retries: 1 });
    const call = client.result(7);
    await expect(call).rejects.toThrow(Unavailable);
    await expect(call).rejects.toThrow("still away");
    expect(pauses).toEqual([500]);
  });

  it("is not repeated where that could do harm", async () => {
    const { client, sent } = connect([problem(503, "away")]);
    await expect(client.deleteWatch("w")).rejects.toThrow(Unavailable);
    expect(sent).toHaveLength(1);
  });

  it("sends the same request id and client key again", async () => {
    const away = () => problem(503, "away");
    const { client, sent } = connect([away(), json(QUEUED, 202), away(), json({ data: { id: "w" } }, 201)]);
    await client.request({ symbol: "BTCUSDT" });
    await client.createWatch({ symbol: "BTCUSDT", condition: "touch", target: 1, side: "long" });
    const [first, second, third, fourth] = sent.map((one) => one.body as Record<string, string>);
    expect(first?.["request_id"]).toMatch(ID);
    expect(second).toEqual(first);
    expect(third?.["client_key"]).toMatch(ID);
    expect(fourth).toEqual(third);
  });

  it("does not wait for an answer for ever", async () => {
    const silent: typeof fetch = (_, init) =>
      new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(init.signal?.reason as Error)));
    const { client } = connect([], { fetch: silent, timeoutMs: 5, retries: 0 });
    await expect(client.result(7)).rejects.toThrow("did not answer within 5 ms");
  });

  it("throws the reason of the caller's signal unchanged", async () => {
    const controller = new AbortController();
    const slow: typeof fetch = (_, init) => {
      controller.abort(new Error("the page was left"));
      return Promise.reject(init?.signal?.reason as Error);
    };
    const { client, sent } = connect([], { fetch: slow });
    await expect(client.result(7, { signal: controller.signal })).rejects.toThrow("the page was left");
    expect(sent).toHaveLength(0);
  });
});

describe("asking and waiting", () => {
  it("returns the result that came in time", async () => {
    const { client, sent } = connect([json({ ...QUEUED, status: "completed", result: RESULT })]);
    expect((await client.analyze({ symbol: "BTC/USDT", timeframe: "4h" })).id).toBe(7);
    expect(sent[0]?.url.searchParams.get("wait")).toBe("60");
    expect(sent[0]?.body).toMatchObject({ symbol: "BTC/USDT", timeframe: "4h" });
  });

  it("follows the job of a request that takes longer", async () => {
    const running = json({ ...QUEUED, result_id: null });
    const { client, sent, pauses } = connect([json(QUEUED, 202), running, json(JOB), json({ data: RESULT })]);
    expect((await client.analyze({ symbol: "BTC/USDT" })).id).toBe(7);
    expect(pauses).toEqual([1_000]);
    expect(sent.map((one) => one.url.pathname).slice(1)).toEqual(["/api/v1/jobs/r-1", "/api/v1/jobs/r-1", "/api/v1/analysis/7"]);
  });

  it("throws AnalysisFailed with the reason", async () => {
    const failed = { request_id: "r-1", status: "failed", reason: "unknown_symbol", message: "no NOSUCH on binance" };
    const { client } = connect([json(failed), json(QUEUED, 202), json(failed)]);
    for (const call of [client.analyze({ symbol: "NOSUCH" }), client.analyze({ symbol: "NOSUCH" })]) {
      await expect(call).rejects.toThrow(AnalysisFailed);
      await expect(call).rejects.toMatchObject({ requestId: "r-1", reason: "unknown_symbol" });
    }
  });

  it("throws StillRunning with the id after the time given", async () => {
    const { client } = connect([json(QUEUED, 202)]);
    const call = client.analyze({ symbol: "BTC/USDT" }, { withinMs: 0 });
    await expect(call).rejects.toThrow(StillRunning);
    await expect(call).rejects.toMatchObject({ requestId: "r-1" });
  });
});
