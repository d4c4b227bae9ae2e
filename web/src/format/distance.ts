/** Positions of prices relative to the levels around them. */

/** Return the distance of `price` from `last` in percent of `last`; negative below it. */
export function distance(price: number, last: number): number {
  return last > 0 ? ((price - last) / last) * 100 : 0;
}

/** Return the position of `last` between support and resistance, in [0, 1]; null unless both are given. */
export function rangePosition(last: number, support: number | undefined, resistance: number | undefined): number | null {
  if (support === undefined || resistance === undefined || resistance <= support) return null;
  return Math.min(1, Math.max(0, (last - support) / (resistance - support)));
}
