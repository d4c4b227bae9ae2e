import { expect, it } from "vitest";
import type { Watch } from "./draft";
import { marketChartUrl } from "../format/market";
import { selectFiredSince } from "./missedFires";

const firedWatch = (id: string, last_fired_at: string | null) => ({ id, last_fired_at }) as Watch;

it("returns the watches that fired since a time, oldest first", () => {
  const since = Date.parse("2026-11-22T12:00:00Z");
  const watches = [
    firedWatch("late", "2026-11-22T12:00:09Z"),
    firedWatch("old", "2026-11-22T11:59:59Z"),
    firedWatch("never", null),
    firedWatch("early", "2026-11-22T12:00:01Z"),
  ];
  expect(selectFiredSince(watches, since).map((watch) => watch.id)).toEqual(["early", "late"]);
});

it("builds the address of a market's chart", () => {
  expect(marketChartUrl({ exchange: "sim", market_type: "spot", symbol: "BTCUSDT" }, "4h")).toBe(
    "/chart?symbol=BTCUSDT&exchange=sim&market_type=spot&interval=4h",
  );
});
