/** Where a price is among the levels around it. */

/** How far `price` is from `last`, in percent of `last`; negative below it. */
export function distance(price: number, last: number): number {
  return last > 0 ? ((price - last) / last) * 100 : 0;
}

/** How far `last` has come from the support to the resistance, in [0, 1]; null without both. */
export function progress(last: number, support: number | undefined, resistance: number | undefined): number | null {
  if (support === undefined || resistance === undefined || resistance <= support) return null;
  return Math.min(1, Math.max(0, (last - support) / (resistance - support)));
}
