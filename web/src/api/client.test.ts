import { describe, expect, it, vi } from "vitest";
import { address, get, post } from "./client";
import { keepApiKey } from "./key";
import { Problem } from "./problem";

function answering(status: number, body: unknown, headers: Record<string, string> = {}) {
  const fetched = vi.fn<typeof fetch>(() =>
    Promise.resolve(new Response(body === undefined ? null : JSON.stringify(body), { status, headers })),
  );
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

const sent = (fetched: ReturnType<typeof answering>) => fetched.mock.calls[0]?.[1] as RequestInit & { headers: Headers };

describe("an address", () => {
  it("has its names filled in, and only the parameters that are set", () => {
    expect(address("/api/v1/watches/{watch_id}/fires", { watch_id: "a/b" })).toBe("/api/v1/watches/a%2Fb/fires");
    expect(address("/x", {}, { a: "", b: null, c: undefined, d: 0, e: "btc/usdt" })).toBe("/x?d=0&e=btc%2Fusdt");
  });
});

describe("a call", () => {
  it("throws the problem that the API tells", async () => {
    answering(503, { detail: "the broker is away", request_id: "r-1" }, { "Retry-After": "5" });
    const problem = await get("/api/v1/exchanges").catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ status: 503, message: "the broker is away", requestId: "r-1", retryAfter: 5 });
  });

  it("throws a problem for an answer that is none of the API's, and for no answer", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("<html>", { status: 502, statusText: "Bad Gateway" })));
    await expect(get("/api/v1/exchanges")).rejects.toMatchObject({ status: 502, message: "502 Bad Gateway" });
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    await expect(get("/api/v1/exchanges")).rejects.toMatchObject({ status: 0, unreachable: true });
  });

  it("leaves one that was given up as it is", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new DOMException("gone", "AbortError")));
    await expect(get("/api/v1/exchanges")).rejects.toMatchObject({ name: "AbortError" });
  });

  it("sends the key with writes, and not with reads", async () => {
    keepApiKey("secret");
    const written = answering(202, { request_id: "r", status: "queued" });
    await post("/api/v1/analysis/trigger", { symbol: "BTCUSDT" });
    expect(sent(written).headers.get("X-API-Key")).toBe("secret");
    const read = answering(200, { data: [], default: "sim", simulated: [] });
    await get("/api/v1/exchanges");
    expect(sent(read).headers.has("X-API-Key")).toBe(false);
  });
});
