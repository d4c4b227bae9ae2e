import { describe, expect, it } from "vitest";
import { type DrawnLevel, REACH, hitAt } from "./hitTest";

const line = (id: string, y: number, half = 0): DrawnLevel => ({ id, y, top: y - half, bottom: y + half });

describe("hitAt", () => {
  it.each([100, 94, 106])("hits a line from y = %d", (y) => {
    expect(hitAt(y, [line("a", 100)], REACH.mouse)).toEqual({ id: "a", part: "line" });
  });

  it("hits nothing beyond the reach", () => {
    expect(hitAt(107, [line("a", 100)], REACH.mouse)).toBeNull();
    expect(hitAt(107, [line("a", 100)], REACH.touch)).toEqual({ id: "a", part: "line" });
    expect(hitAt(100, [], REACH.touch)).toBeNull();
  });

  it("takes the nearer of two lines within reach of each other", () => {
    const close = [line("upper", 100), line("lower", 104)];
    expect(hitAt(101, close, REACH.mouse)?.id).toBe("upper");
    expect(hitAt(103, close, REACH.mouse)?.id).toBe("lower");
    expect(hitAt(103, close.toReversed(), REACH.mouse)?.id).toBe("lower");
  });

  it("takes the nearest line where zones overlap, whatever the zones", () => {
    const overlapping = [line("wide", 100, 60), line("narrow", 112, 3)];
    expect(hitAt(110, overlapping, REACH.mouse)).toEqual({ id: "narrow", part: "line" });
    expect(hitAt(104, overlapping, REACH.mouse)).toEqual({ id: "wide", part: "line" });
  });

  it("is a zone where no line is near", () => {
    const zones = [line("a", 100, 40), line("b", 200, 40)];
    expect(hitAt(130, zones, REACH.mouse)).toEqual({ id: "a", part: "zone" });
    expect(hitAt(150, zones, REACH.mouse)).toBeNull();
    expect(hitAt(165, zones, REACH.mouse)).toEqual({ id: "b", part: "zone" });
  });
});
