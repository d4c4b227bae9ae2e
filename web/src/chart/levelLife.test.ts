import { describe, expect, it } from "vitest";
import type { Candle } from "./candles";
import { toLifeMarks, type LevelEvent } from "./levelLife";

const HOUR = 3_600_000;
const candles = [1, 2, 3].map((hour) => ({ time: hour * HOUR })) as Candle[];
const event = (type: LevelEvent["type"], hour: number) =>
  ({ type, candle_at: new Date(hour * HOUR).toISOString() }) as LevelEvent;

describe("life of a level", () => {
  it("has what appeared and flipped, oldest first, at the bar that contains it", () => {
    const marks = toLifeMarks([event("flipped", 2.5), event("touched", 2), event("appeared", 1)], candles);
    expect(marks).toEqual([
      { at: HOUR, kind: "appeared" },
      { at: 2 * HOUR, kind: "flipped" },
    ]);
  });

  it("leaves out what happened before the candles", () => {
    expect(toLifeMarks([event("appeared", 0)], candles)).toEqual([]);
  });
});
