import { describe, expect, it } from "vitest";
import { findNearest, type AnalysedLevels } from "./nearest";

const row: AnalysedLevels = {
  support_levels: [95, 90],
  resistance_levels: [110, 120],
  known: [
    { price: 95, score: 4 },
    { price: 110, score: 3 },
  ],
};

describe("findNearest", () => {
  it("returns the nearest levels of the analysis while the price is between them", () => {
    expect(findNearest(row, 100)).toMatchObject({
      support: { price: 95, score: 4, broken: false },
      resistance: { price: 110, score: 3, broken: false },
    });
  });

  it("turns the side of a level that the price has passed", () => {
    expect(findNearest(row, 93)).toMatchObject({
      support: { price: 90, broken: false },
      resistance: { price: 95, score: 4, broken: true },
    });
    expect(findNearest(row, 115)).toMatchObject({
      support: { price: 110, broken: true },
      resistance: { price: 120, broken: false },
    });
  });

  it("returns null on a side without levels", () => {
    expect(findNearest(row, 80)).toMatchObject({ support: null, resistance: { price: 90, broken: true } });
    expect(findNearest({ ...row, support_levels: [], resistance_levels: [], known: [] }, 100)).toEqual({
      support: null,
      resistance: null,
    });
  });
});
