import { describe, expect, it, vi } from "vitest";
import { get, post } from "./client";
import { saveApiKey } from "./key";
import { Problem } from "./problem";

function stubFetch(status: number, body: unknown, headers: Record<string, string> = {}) {
  const stub = vi.fn<typeof fetch>(() =>
    Promise.resolve(new Response(body === undefined ? null : JSON.stringify(body), { status, headers })),
  );
  vi.stubGlobal("fetch", stub);
  return stub;
}

const sentRequest = (stub: ReturnType<typeof stubFetch>) => stub.mock.calls[0]?.[1] as RequestInit & { headers: Headers };

describe("a call", () => {
  it("throws the problem document of the API", async () => {
    stubFetch(503, { detail: "the broker is away", request_id: "r-1" }, { "Retry-After": "5" });
    const problem = await get("/api/v1/exchanges").catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ status: 503, message: "the broker is away", requestId: "r-1", retryAfter: 5 });
  });

  it("throws a problem for a response that is not the API's, and for no response", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("<html>", { status: 502, statusText: "Bad Gateway" })));
    await expect(get("/api/v1/exchanges")).rejects.toMatchObject({ status: 502, message: "502 Bad Gateway" });
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    await expect(get("/api/v1/exchanges")).rejects.toMatchObject({ status: 0, isUnreachable: true });
  });

  it("rethrows an AbortError unchanged", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new DOMException("gone", "AbortError")));
    await expect(get("/api/v1/exchanges")).rejects.toMatchObject({ name: "AbortError" });
  });

  it("sends the API key with writes and reads", async () => {
    saveApiKey("secret");
    const write = stubFetch(202, { request_id: "r", status: "queued" });
    await post("/api/v1/analysis/trigger", { symbol: "BTCUSDT" });
    expect(sentRequest(write).headers.get("X-API-Key")).toBe("secret");
    const read = stubFetch(200, { data: [], default: "sim", simulated: [] });
    await get("/api/v1/exchanges");
    expect(sentRequest(read).headers.get("X-API-Key")).toBe("secret");
  });
});
