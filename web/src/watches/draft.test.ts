import { describe, expect, it } from "vitest";
import { nextAttempt } from "./attempt";
import { buildBody, newDraft, editDraft, buildPatch, defaultSide, parseTarget, type Watch, type WatchSubject } from "./draft";

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
  delivery: null,
  within_pct: null,
  within_atr: null,
  client_key: null,
  last_price: null,
  price_at: null,
  blind: false,
  blind_since: null,
  distance_pct: null,
  state: "active",
  fires: 0,
  last_fired_at: null,
  last_fired_price: null,
  last_fired_late: false,
  created_at: "2026-11-01T00:00:00Z",
  updated_at: "2026-11-01T00:00:00Z",
};

describe("defaultSide", () => {
  it("is long at a support and short at a resistance", () => {
    expect(defaultSide(SUPPORT)).toBe("long");
    expect(defaultSide({ ...MARKET, level: { level_id: "r-1", side: "resistance", price: 1 } })).toBe("short");
  });

  it("depends on the last price when there is no level", () => {
    expect(defaultSide({ ...MARKET, price: 90, lastPrice: 100 })).toBe("long");
    expect(defaultSide({ ...MARKET, price: 110, lastPrice: 100 })).toBe("short");
    expect(defaultSide({ ...MARKET, price: 110 })).toBe("long");
  });
});

describe("buildBody", () => {
  it("sends level and timeframe, and leaves the price to the server", () => {
    const body = buildBody(newDraft(SUPPORT), SUPPORT, NOW);
    expect(body).toMatchObject({ level_id: "s-1", on_move: "follow", timeframe: "4h", side: "long" });
    expect(body).not.toHaveProperty("target");
  });

  it("sends the price when there is no level", () => {
    const subject = { ...MARKET, price: 90 };
    const body = buildBody({ ...newDraft(subject), target: "1,234.5" }, subject, NOW);
    expect(body).toMatchObject({ target: 1234.5 });
    expect(body).not.toHaveProperty("level_id");
  });

  it("sets the expiry", () => {
    const body = buildBody({ ...newDraft(SUPPORT), expiry: "day" }, SUPPORT, NOW);
    expect(body?.expires_at).toBe("2026-11-23T12:00:00.000Z");
  });

  it("shows a tiny price without an exponent, and reads it again", () => {
    const draft = editDraft({ ...WATCH, target: 1.23e-9 });
    expect(draft.target).toBe("0.00000000123");
    expect(parseTarget(draft)).toBe(1.23e-9);
  });

  it.each(["", " ", "abc", "0", "-1", "1e999", "1,234"])("is null while the price is %j", (target) => {
    expect(parseTarget({ ...newDraft(SUPPORT), target })).toBeNull();
    expect(buildBody({ ...newDraft(SUPPORT), target }, SUPPORT, NOW)).toBeNull();
  });
});

describe("nextAttempt", () => {
  it("repeats the attempt of an unchanged draft, later as well", () => {
    const draft = newDraft(SUPPORT);
    const first = nextAttempt(draft, SUPPORT, null, NOW);
    expect(nextAttempt(draft, SUPPORT, first, NOW + 60_000)).toBe(first);
  });

  it("gives a changed draft a new key", () => {
    const first = nextAttempt(newDraft(SUPPORT), SUPPORT, null, NOW);
    const second = nextAttempt({ ...newDraft(SUPPORT), side: "short" }, SUPPORT, first, NOW);
    expect(first?.body.client_key).toMatch(/^web-[0-9a-f]{32}$/);
    expect(second?.body.client_key).not.toBe(first?.body.client_key);
  });
});

describe("buildPatch", () => {
  it("contains only the changed fields", () => {
    expect(buildPatch(editDraft(WATCH), WATCH, NOW)).toEqual({});
    expect(buildPatch({ ...editDraft(WATCH), side: "short", target: "101" }, WATCH, NOW)).toEqual({
      side: "short",
      target: 101,
    });
  });

  it("removes note and expiry", () => {
    expect(buildPatch({ ...editDraft(WATCH), note: " ", expiry: "never" }, WATCH, NOW)).toEqual({
      note: null,
      expires_at: null,
    });
  });
});

describe("approach", () => {
  const draft = { ...newDraft({ ...MARKET, price: 100 }), condition: "approach" as const };

  it("sends its distance in percent or in ranges", () => {
    const subject = { ...MARKET, price: 100 };
    expect(buildBody({ ...draft, within: "1.5" }, subject, NOW)).toMatchObject({ condition: "approach", within_pct: 1.5 });
    expect(buildBody({ ...draft, unit: "atr" }, subject, NOW)).toMatchObject({ within_atr: 1 });
    expect(buildBody({ ...draft, condition: "touch" }, subject, NOW)).not.toHaveProperty("within_pct");
  });

  it("is not valid without a distance in its limits", () => {
    for (const within of ["", "0", "51", "near"]) expect(buildBody({ ...draft, within }, { ...MARKET, price: 100 }, NOW)).toBeNull();
  });

  it("changes a distance only when it differs", () => {
    const watch: Watch = { ...WATCH, condition: "approach", within_pct: 2 };
    expect(buildPatch(editDraft(watch), watch, NOW)).toEqual({});
    expect(buildPatch({ ...editDraft(watch), unit: "atr" }, watch, NOW)).toEqual({ within_atr: 2 });
  });
});
