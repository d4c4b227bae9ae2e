import { expect, it } from "vitest";
import { inOrder, publishedBy } from "./publications";

const published = (hour: number) => ({
  candle_at: `2026-11-25T0${hour - 1}:00:00Z`,
  analyzed_at: `2026-11-25T0${hour}:00:03.5Z`,
});

it("runs from the oldest to the newest, each once", () => {
  expect(inOrder([published(9), published(8), published(8), published(7)])).toEqual([7, 8, 9].map(published));
});

it("is what was in force at a time", () => {
  const ordered = [7, 8, 9].map(published);
  expect(publishedBy(ordered, "2026-11-25T08:30:00Z")).toEqual(published(8));
  expect(publishedBy(ordered, "2026-11-25T08:00:03.5Z")).toEqual(published(8));
  expect(publishedBy(ordered, "2026-11-26T00:00:00Z")).toEqual(published(9));
  expect(publishedBy(ordered, "2026-11-25T06:00:00Z")).toBeNull();
  expect(publishedBy([], "2026-11-25T06:00:00Z")).toBeNull();
});
