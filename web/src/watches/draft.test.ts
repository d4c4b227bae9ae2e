import { describe, expect, it } from "vitest";
import { attempt } from "./attempt";
import { bodyOf, draftFor, draftOf, patchOf, sideAt, targetOf, type Watch, type WatchSubject } from "./draft";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const MARKET = { exchange: "sim", market_type: "spot", symbol: "BTCUSDT" } as const;
const SUPPORT: WatchSubject = {
  ...MARKET,
  timeframe: "4h",
  level: { level_id: "s-1", side: "support", price: 64000.5 },
};
const WATCH: Watch = {
  id: "w-1",
  ...MARKET,
  condition: "touch",
  timeframe: null,
  target: 100,
  side: "long",
  level_id: null,
  on_move: null,
  repeat: "once",
  cooldown_seconds: 300,
  expires_at: "2026-12-01T00:00:00Z",
  note: "mine",
  client_key: null,
  state: "active",
  fires: 0,
  last_fired_at: null,
  last_fired_price: null,
  created_at: "2026-11-01T00:00:00Z",
  updated_at: "2026-11-01T00:00:00Z",
};

describe("the side of a new watch", () => {
  it("is long at a support and short at a resistance", () => {
    expect(sideAt(SUPPORT)).toBe("long");
    expect(sideAt({ ...MARKET, level: { level_id: "r-1", side: "resistance", price: 1 } })).toBe("short");
  });

  it("follows from the last price where there is no level", () => {
    expect(sideAt({ ...MARKET, price: 90, lastPrice: 100 })).toBe("long");
    expect(sideAt({ ...MARKET, price: 110, lastPrice: 100 })).toBe("short");
    expect(sideAt({ ...MARKET, price: 110 })).toBe("long");
  });
});

describe("what makes a watch", () => {
  it("names the level and its timeframe, and leaves its price to the server", () => {
    const body = bodyOf(draftFor(SUPPORT), SUPPORT, NOW);
    expect(body).toMatchObject({ level_id: "s-1", on_move: "follow", timeframe: "4h", side: "long" });
    expect(body).not.toHaveProperty("target");
  });

  it("names a price where there is no level", () => {
    const subject = { ...MARKET, price: 90 };
    const body = bodyOf({ ...draftFor(subject), target: "1,234.5" }, subject, NOW);
    expect(body).toMatchObject({ target: 1234.5 });
    expect(body).not.toHaveProperty("level_id");
  });

  it("ends when it was told to", () => {
    const body = bodyOf({ ...draftFor(SUPPORT), expiry: "day" }, SUPPORT, NOW);
    expect(body?.expires_at).toBe("2026-11-23T12:00:00.000Z");
  });

  it.each(["", " ", "abc", "0", "-1", "1e999"])("is nothing while its price is %j", (target) => {
    expect(targetOf({ ...draftFor(SUPPORT), target })).toBeNull();
    expect(bodyOf({ ...draftFor(SUPPORT), target }, SUPPORT, NOW)).toBeNull();
  });
});

describe("saving", () => {
  it("sends an unchanged draft again as it was, later on too", () => {
    const draft = draftFor(SUPPORT);
    const first = attempt(draft, SUPPORT, null, NOW);
    expect(attempt(draft, SUPPORT, first, NOW + 60_000)).toBe(first);
  });

  it("gives a changed draft a key of its own", () => {
    const first = attempt(draftFor(SUPPORT), SUPPORT, null, NOW);
    const second = attempt({ ...draftFor(SUPPORT), side: "short" }, SUPPORT, first, NOW);
    expect(first?.body.client_key).toMatch(/^web-[0-9a-f]{32}$/);
    expect(second?.body.client_key).not.toBe(first?.body.client_key);
  });
});

describe("a change", () => {
  it("sends what differs and no more", () => {
    expect(patchOf(draftOf(WATCH), WATCH, NOW)).toEqual({});
    expect(patchOf({ ...draftOf(WATCH), side: "short", target: "101" }, WATCH, NOW)).toEqual({
      side: "short",
      target: 101,
    });
  });

  it("can take away the note and the end", () => {
    expect(patchOf({ ...draftOf(WATCH), note: " ", expiry: "never" }, WATCH, NOW)).toEqual({
      note: null,
      expires_at: null,
    });
  });
});
