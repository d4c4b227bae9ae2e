import { describe, expect, it } from "vitest";
import { type DrawnLevel, REACH, findHit } from "./hitTest";

const line = (id: string, y: number, half = 0): DrawnLevel => ({ id, y, top: y - half, bottom: y + half });

describe("hitAt", () => {
  it.each([100, 94, 106])("hits a line from y = %d", (y) => {
    expect(findHit(y, [line("a", 100)], REACH.mouse)).toEqual({ id: "a", part: "line" });
  });

  it("returns null beyond the reach", () => {
    expect(findHit(107, [line("a", 100)], REACH.mouse)).toBeNull();
    expect(findHit(107, [line("a", 100)], REACH.touch)).toEqual({ id: "a", part: "line" });
    expect(findHit(100, [], REACH.touch)).toBeNull();
  });

  it("returns the nearer of two close lines", () => {
    const close = [line("upper", 100), line("lower", 104)];
    expect(findHit(101, close, REACH.mouse)?.id).toBe("upper");
    expect(findHit(103, close, REACH.mouse)?.id).toBe("lower");
    expect(findHit(103, close.toReversed(), REACH.mouse)?.id).toBe("lower");
  });

  it("returns the nearest line where zones overlap", () => {
    const overlapping = [line("wide", 100, 60), line("narrow", 112, 3)];
    expect(findHit(110, overlapping, REACH.mouse)).toEqual({ id: "narrow", part: "line" });
    expect(findHit(104, overlapping, REACH.mouse)).toEqual({ id: "wide", part: "line" });
  });

  it("returns a zone when no line is within reach", () => {
    const zones = [line("a", 100, 40), line("b", 200, 40)];
    expect(findHit(130, zones, REACH.mouse)).toEqual({ id: "a", part: "zone" });
    expect(findHit(150, zones, REACH.mouse)).toBeNull();
    expect(findHit(165, zones, REACH.mouse)).toEqual({ id: "b", part: "zone" });
  });
});
