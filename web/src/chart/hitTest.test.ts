import { describe, expect, it } from "vitest";
import { type DrawnLevel, REACH, findHit } from "./hitTest";

const line = (id: string, y: number, half = 0): DrawnLevel => ({ id, y, top: y - half, bottom: y + half, left: 0, edge: null });
const at = (y: number, x = 500) => ({ x, y });

describe("hitAt", () => {
  it.each([100, 94, 106])("hits a line from y = %d", (y) => {
    expect(findHit(at(y), [line("a", 100)], REACH.mouse)).toEqual({ id: "a", part: "line" });
  });

  it("returns null beyond the reach", () => {
    expect(findHit(at(107), [line("a", 100)], REACH.mouse)).toBeNull();
    expect(findHit(at(107), [line("a", 100)], REACH.touch)).toEqual({ id: "a", part: "line" });
    expect(findHit(at(100), [], REACH.touch)).toBeNull();
  });

  it("returns the nearer of two close lines", () => {
    const close = [line("upper", 100), line("lower", 104)];
    expect(findHit(at(101), close, REACH.mouse)?.id).toBe("upper");
    expect(findHit(at(103), close, REACH.mouse)?.id).toBe("lower");
    expect(findHit(at(103), close.toReversed(), REACH.mouse)?.id).toBe("lower");
  });

  it("returns the nearest line where zones overlap", () => {
    const overlapping = [line("wide", 100, 60), line("narrow", 112, 3)];
    expect(findHit(at(110), overlapping, REACH.mouse)).toEqual({ id: "narrow", part: "line" });
    expect(findHit(at(104), overlapping, REACH.mouse)).toEqual({ id: "wide", part: "line" });
  });

  it("returns a zone when no line is within reach", () => {
    const zones = [line("a", 100, 40), line("b", 200, 40)];
    expect(findHit(at(130), zones, REACH.mouse)).toEqual({ id: "a", part: "zone" });
    expect(findHit(at(150), zones, REACH.mouse)).toBeNull();
    expect(findHit(at(165), zones, REACH.mouse)).toEqual({ id: "b", part: "zone" });
  });

  it("leaves out a level that begins further right", () => {
    const late = { ...line("late", 100, 20), left: 600 };
    expect(findHit(at(100, 500), [late], REACH.mouse)).toBeNull();
    expect(findHit(at(100, 596), [late], REACH.mouse)).toEqual({ id: "late", part: "line" });
  });
});
