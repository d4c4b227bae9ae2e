import { expect, it } from "vitest";
import type { Level } from "../stream/events";
import { toDisplayLevels } from "./displayLevels";
import { mergeLevels, parseTimeframes, toOtherLevels } from "./otherTimeframes";

const row = (timeframe: string, ...zones: [price: number, width: number][]) => ({
  timeframe,
  support_levels: [],
  resistance_levels: [],
  levels: zones.map(([price, width]) => ({ level_id: `L${price}`, side: "support", price, low: price - width, high: price + width }) as Level),
});

it("reads timeframes of an address, shortest first, without repetition and what is none", () => {
  expect(parseTimeframes("1d,4h,15m,4h,7x,")).toEqual(["15m", "4h", "1d"]);
  expect(parseTimeframes("")).toEqual([]);
  expect(parseTimeframes(null)).toBeNull();
});

it("takes the levels of chosen timeframes, with ids of their own", () => {
  const shown = toOtherLevels([row("1h", [100, 1]), row("4h", [100, 1]), row("1d", [90, 1])], ["4h", "1w"]);
  expect(shown.map(({ id, timeframe }) => [id, timeframe])).toEqual([["4h:L100", "4h"]]);
});

it("names the timeframes whose zones overlap, and not those of the same timeframe", () => {
  const own = toDisplayLevels(row("1h", [100, 1], [100.5, 1], [80, 1]));
  const others = toOtherLevels([row("4h", [102, 1], [70, 1]), row("1d", [101.5, 0.2])], ["4h", "1d"]);
  const meets = mergeLevels(own, others, "1h").map((level) => [level.id, level.meets]);
  expect(meets).toEqual([
    ["4h:L102", ["1h", "1d"]],
    ["1d:L101.5", ["1h", "4h"]],
    ["L100.5", ["4h", "1d"]],
    ["L100", ["4h"]],
    ["L80", []],
    ["4h:L70", []],
  ]);
});

it("leaves the levels as they are while no other timeframe is shown", () => {
  const own = toDisplayLevels(row("1h", [100, 1]));
  expect(mergeLevels(own, [], "1h")).toBe(own);
});
