import { afterEach, expect, it, vi } from "vitest";
import { locateStream } from "./ticket";

afterEach(() => vi.unstubAllGlobals());

function stubTicket(status: number, ticket: string | null) {
  const fetched = vi.fn(() => Promise.resolve(new Response(JSON.stringify({ ticket }), { status })));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

it("needs no ticket without a key", () => {
  expect(locateStream("/stream", null)).toBe("/stream");
});

it("adds a ticket of the key to the address", async () => {
  const fetched = stubTicket(201, "k.1.a/b");
  expect(await locateStream("/stream", "secret")).toBe("/stream?ticket=k.1.a%2Fb");
  expect(await locateStream("/stream/near?side=support", "secret")).toBe("/stream/near?side=support&ticket=k.1.a%2Fb");
  expect(fetched).toHaveBeenCalledWith("/api/v1/stream/ticket", {
    method: "POST",
    headers: { "X-API-Key": "secret" },
    signal: expect.any(AbortSignal) as AbortSignal,
  });
});

it("leaves the address alone where reads are open, and where no ticket is given", async () => {
  stubTicket(201, null);
  expect(await locateStream("/stream", "secret")).toBe("/stream");
  stubTicket(401, null);
  expect(await locateStream("/stream", "secret")).toBe("/stream");
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  expect(await locateStream("/stream", "secret")).toBe("/stream");
});
