import { describe, expect, it } from "vitest";
import type { WatchFired } from "../stream/events";
import { applyWatchEvent, isMovable, selectListed, stepPrice, toWatchLines, type Watch } from "./marketWatches";

function watch(more: Partial<Watch> = {}): Watch {
  return { id: "a", state: "active", repeat: "once", fires: 0, target: 100, last_fired_at: null, ...more } as Watch;
}

const fired = { type: "fired", watch_id: "a", at: "2026-11-25T10:00:00Z", price: 99.5 } as WatchFired;

describe("withTold", () => {
  it("ends a watch that fires once, with time and price of the fire", () => {
    const [after] = applyWatchEvent([watch()], fired);
    expect(after).toMatchObject({ state: "fired", fires: 1, last_fired_at: fired.at, last_fired_price: 99.5 });
  });

  it("keeps a repeating watch active", () => {
    expect(applyWatchEvent([watch({ repeat: "always", fires: 2 })], fired)).toMatchObject([{ state: "active", fires: 3 }]);
  });

  it("does not count a fire that is already in the row", () => {
    const read = watch({ state: "fired", fires: 1, last_fired_at: fired.at });
    expect(applyWatchEvent([read], fired)).toEqual([read]);
  });

  it("ends an expired watch, and leaves the others unchanged", () => {
    const other = watch({ id: "b" });
    const after = applyWatchEvent([watch(), other], { type: "expired", watch_id: "a" });
    expect(after[0]?.state).toBe("expired");
    expect(after[1]).toBe(other);
  });
});

it("shows a line that is being moved where it is now", () => {
  const label = { long: "L", short: "S" };
  expect(toWatchLines([watch({ id: "a", target: 100, side: "long" })], label, { id: "a", price: 101 })).toEqual([{ id: "a", price: 101, label: "L" }]);
});

it("leaves the price of a watch that follows a level to the level", () => {
  expect(isMovable(watch({}))).toBe(true);
  expect(isMovable(watch({ state: "paused" }))).toBe(false);
  expect(isMovable(watch({ level_id: "s-1", on_move: "follow" }))).toBe(false);
  expect(isMovable(watch({ level_id: "s-1", on_move: "hold" }))).toBe(true);
});

it.each([
  [100, 1, 2, 100.01],
  [0.1 + 0.2, 0, 2, 0.3],
  [0.01, -5, 2, 0.01],
  [1.5e-9, 1, 10, 1.6e-9],
])("steps from %d by %d at %d digits to %d", (price, steps, decimals, to) => {
  expect(stepPrice(price, steps, decimals)).toBe(to);
});

it("lists active and paused watches by price, then fired ones, newest first", () => {
  const listed = selectListed([
    watch({ id: "expired", state: "expired" }),
    watch({ id: "early", state: "fired", last_fired_at: "2026-11-25T08:00:00Z" }),
    watch({ id: "low", target: 90 }),
    watch({ id: "late", state: "fired", last_fired_at: "2026-11-25T09:00:00Z" }),
    watch({ id: "high", target: 110, state: "paused" }),
  ]);
  expect(listed.map(({ id }) => id)).toEqual(["high", "low", "late", "early"]);
});
