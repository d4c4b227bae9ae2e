import { expect, it } from "vitest";
import type { Level } from "../stream/events";
import { applyLivePrice, toDisplayLevels } from "./displayLevels";

const level = (level_id: string, side: Level["side"], price: number): Level =>
  ({ level_id, side, price, low: price * 0.99, high: price * 1.01, score: 5 }) as Level;

it("sorts by price, highest first", () => {
  const levels = [level("S2", "support", 90), level("S1", "support", 95), level("R1", "resistance", 110)];
  const shown = toDisplayLevels({ support_levels: [90, 95], resistance_levels: [110], levels });
  expect(shown.map(({ id }) => id)).toEqual(["R1", "S1", "S2"]);
  expect(shown[0]).toMatchObject({ side: "resistance", price: 110, evidence: levels[2] });
});

it("converts a row that has only prices", () => {
  const shown = toDisplayLevels({ support_levels: [90], resistance_levels: [110, 120], levels: null });
  expect(shown).toEqual([
    { id: "resistance:120", side: "resistance", broken: false, price: 120, low: 120, high: 120, evidence: null },
    { id: "resistance:110", side: "resistance", broken: false, price: 110, low: 110, high: 110, evidence: null },
    { id: "support:90", side: "support", broken: false, price: 90, low: 90, high: 90, evidence: null },
  ]);
});



it("turns the side of a level that the live price has passed", () => {
  const levels = toDisplayLevels({ support_levels: [90, 95], resistance_levels: [110], levels: null });
  const sides = (last: number) => applyLivePrice(levels, last).map(({ side, broken }) => [side, broken]);
  expect(sides(100)).toEqual([["resistance", false], ["support", false], ["support", false]]);
  expect(sides(93)).toEqual([["resistance", false], ["resistance", true], ["support", false]]);
  expect(sides(111)).toEqual([["support", true], ["support", false], ["support", false]]);
  expect(sides(95)).toEqual([["resistance", false], ["support", false], ["support", false]]);
});
