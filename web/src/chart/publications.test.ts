import { expect, it } from "vitest";
import { sortOldestFirst, findPublication } from "./publications";

const publication = (hour: number) => ({
  candle_at: `2026-11-25T0${hour - 1}:00:00Z`,
  analyzed_at: `2026-11-25T0${hour}:00:03.5Z`,
});

it("sorts from the oldest to the newest, each once", () => {
  expect(sortOldestFirst([publication(9), publication(8), publication(8), publication(7)])).toEqual([7, 8, 9].map(publication));
});

it("finds the publication in force at a time", () => {
  const ordered = [7, 8, 9].map(publication);
  expect(findPublication(ordered, "2026-11-25T08:30:00Z")).toEqual(publication(8));
  expect(findPublication(ordered, "2026-11-25T08:00:03.5Z")).toEqual(publication(8));
  expect(findPublication(ordered, "2026-11-26T00:00:00Z")).toEqual(publication(9));
  expect(findPublication(ordered, "2026-11-25T06:00:00Z")).toBeNull();
  expect(findPublication([], "2026-11-25T06:00:00Z")).toBeNull();
});
