import { expect, it } from "vitest";
import type { Watch } from "./draft";
import { chartOfMarket, missed } from "./fired";

const fired = (id: string, last_fired_at: string | null) => ({ id, last_fired_at }) as Watch;

it("names the fires since a moment, the latest last", () => {
  const since = Date.parse("2026-11-22T12:00:00Z");
  const watches = [
    fired("late", "2026-11-22T12:00:09Z"),
    fired("old", "2026-11-22T11:59:59Z"),
    fired("never", null),
    fired("early", "2026-11-22T12:00:01Z"),
  ];
  expect(missed(watches, since).map((watch) => watch.id)).toEqual(["early", "late"]);
});

it("leads to the chart of a market", () => {
  expect(chartOfMarket({ exchange: "sim", market_type: "spot", symbol: "BTCUSDT" }, "4h")).toBe(
    "/chart?symbol=BTCUSDT&exchange=sim&market_type=spot&interval=4h",
  );
});
