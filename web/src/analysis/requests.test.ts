import { describe, expect, it } from "vitest";
import { addRequest, endRequests, type TrackedRequest } from "./requests";

const request = (requestId: string): TrackedRequest => ({
  requestId,
  exchange: "sim",
  market_type: "spot",
  symbol: "BTCUSDT",
  timeframe: "1h",
  state: "queued",
  requestedAt: 0,
});

describe("addRequest", () => {
  it("puts the newest first and lists each id once", () => {
    const requests = addRequest(addRequest(addRequest([], request("a")), request("b")), request("a"));
    expect(requests.map(({ requestId }) => requestId)).toEqual(["a", "b"]);
  });

  it("drops the oldest", () => {
    let requests: TrackedRequest[] = [];
    for (let number = 0; number < 20; number += 1) requests = addRequest(requests, request(String(number)));
    expect(requests).toHaveLength(8);
    expect(requests[0]?.requestId).toBe("19");
  });
});

describe("endRequests", () => {
  it("ends a request by its id, with the reason of a failure", () => {
    const requests = endRequests([request("a"), request("b")], ["b", "x"], { state: "failed", reason: "expired" }, 5);
    expect(requests[0]?.state).toBe("queued");
    expect(requests[1]).toMatchObject({ state: "failed", reason: "expired", endedAt: 5 });
  });

  it("ignores a second outcome", () => {
    const requests = endRequests([request("a")], ["a"], { state: "completed" }, 5);
    expect(endRequests(requests, ["a"], { state: "failed", reason: "internal" }, 6)).toBe(requests);
    expect(endRequests(requests, ["a"], { state: "queued" }, 6)).toBe(requests);
  });
});
