/** Finds the level whose line or zone a click on the chart hits. Pure; all in pixels, y downwards. */

/** A level as it is drawn: its line at `y`, its band from `top` to `bottom`, both from `left` to the right edge. */
export interface DrawnLevel {
  id: string;
  y: number;
  top: number;
  bottom: number;
  left: number;
  /** Beyond which edge of the price scale the line is. */
  edge: "above" | "below" | null;
}

export interface Hit {
  id: string;
  part: "line" | "zone";
}

/** Largest distance of a click from a line; touch is less precise than a mouse. */
export const REACH = { mouse: 6, touch: 16 } as const;

/**
 * Return the line nearest to `y` within `reach`, the first of two at the same distance. Without such a line, return the
 * zone that contains `y`; of several, the one whose line is nearest. Levels that begin right of `x` are not there.
 */
export function findHit({ x, y }: { x: number; y: number }, drawn: readonly DrawnLevel[], reach: number): Hit | null {
  const levels = drawn.filter(({ left }) => left - reach <= x);
  const line = findNearest(y, levels);
  if (line && Math.abs(line.y - y) <= reach) return { id: line.id, part: "line" };
  const zone = findNearest(
    y,
    levels.filter((level) => level.top <= y && y <= level.bottom),
  );
  return zone ? { id: zone.id, part: "zone" } : null;
}

function findNearest(y: number, levels: readonly DrawnLevel[]): DrawnLevel | null {
  let best: DrawnLevel | null = null;
  for (const level of levels) if (!best || Math.abs(level.y - y) < Math.abs(best.y - y)) best = level;
  return best;
}
