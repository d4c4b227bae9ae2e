/** How many decimals the prices of one market are written with: as many as they use, tiny and huge ones alike. Pure. */

const MOST_DECIMALS = 12;
const DIGITS = 8; // beyond them there is only the noise of whatever computed a price
const LOOKED_AT = 200;
const NEARLY_ALL = 0.95;

/**
 * Decimals that nearly all of the newest `prices` need, so that axis labels line up and tell them apart; 2 for none.
 * One price off the market's tick must not widen every label.
 */
export function decimalsIn(prices: readonly number[]): number {
  const looked = prices.slice(-LOOKED_AT).filter((price) => Number.isFinite(price) && price > 0);
  if (looked.length === 0) return 2;
  const whole = Math.ceil(Math.log10(Math.max(...looked)));
  const most = Math.max(0, Math.min(MOST_DECIMALS, DIGITS - whole));
  const used = looked.map((price) => needed(price, most)).sort((one, other) => one - other);
  return used[Math.ceil((used.length - 1) * NEARLY_ALL)] ?? 2;
}

function needed(price: number, most: number): number {
  const [, decimals = ""] = price.toFixed(most).split(".");
  return decimals.replace(/0+$/, "").length;
}

const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 });

/** `1.24K`, `3.1M`: for volumes, where three digits say enough. */
export function volumeText(volume: number): string {
  return short.format(volume);
}
