import { describe, expect, it } from "vitest";
import { begun, ended, type Asked } from "./asked";

const one = (requestId: string): Asked => ({
  requestId,
  exchange: "sim",
  market_type: "spot",
  symbol: "BTCUSDT",
  timeframe: "1h",
  state: "queued",
  askedAt: 0,
});

describe("what was asked for", () => {
  it("is listed with the newest first, and once", () => {
    const known = begun(begun(begun([], one("a")), one("b")), one("a"));
    expect(known.map((asked) => asked.requestId)).toEqual(["a", "b"]);
  });

  it("forgets the oldest", () => {
    let known: Asked[] = [];
    for (let number = 0; number < 20; number += 1) known = begun(known, one(String(number)));
    expect(known).toHaveLength(8);
    expect(known[0]?.requestId).toBe("19");
  });

  it("ends by its id, with the reason where it failed", () => {
    const known = ended([one("a"), one("b")], ["b", "x"], { state: "failed", reason: "expired" }, 5);
    expect(known[0]?.state).toBe("queued");
    expect(known[1]).toMatchObject({ state: "failed", reason: "expired", endedAt: 5 });
  });

  it("ends once", () => {
    const known = ended([one("a")], ["a"], { state: "completed" }, 5);
    expect(ended(known, ["a"], { state: "failed", reason: "internal" }, 6)).toBe(known);
    expect(ended(known, ["a"], { state: "queued" }, 6)).toBe(known);
  });
});
