/** What a click on the chart means: which level's line, or else which level's zone. Pure; all in pixels, y downwards. */

/** A level as it is drawn: its line at `y`, its band from `top` to `bottom`. */
export interface DrawnLevel {
  id: string;
  y: number;
  top: number;
  bottom: number;
}

export interface Hit {
  id: string;
  part: "line" | "zone";
}

/** How far from a line a click may be. Fingers are blunter than mice. */
export const REACH = { mouse: 6, touch: 16 } as const;

/**
 * The line nearest to `y` within `reach`, so that of two close ones the right one answers; of two at one place the
 * first. Beside every line, the zone that `y` is in; of several the one whose line is nearest.
 */
export function hitAt(y: number, levels: readonly DrawnLevel[], reach: number): Hit | null {
  const line = nearest(y, levels);
  if (line && Math.abs(line.y - y) <= reach) return { id: line.id, part: "line" };
  const zone = nearest(
    y,
    levels.filter((level) => level.top <= y && y <= level.bottom),
  );
  return zone ? { id: zone.id, part: "zone" } : null;
}

function nearest(y: number, levels: readonly DrawnLevel[]): DrawnLevel | null {
  let best: DrawnLevel | null = null;
  for (const level of levels) if (!best || Math.abs(level.y - y) < Math.abs(best.y - y)) best = level;
  return best;
}
