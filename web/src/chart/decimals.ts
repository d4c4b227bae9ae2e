/** The number of decimals in which the prices of one market are written. Pure. */

const MAX_DECIMALS = 20;
const DIGITS = 8; // further digits are floating-point noise
const SAMPLE = 200;
const QUANTILE = 0.95;

/**
 * Return the decimals that 95 % of the newest `prices` need, so that axis labels line up and differ; 2 without prices.
 * A quantile, so that one price off the market's tick size does not widen every label.
 */
export function inferDecimals(prices: readonly number[]): number {
  const sample = prices.slice(-SAMPLE).filter((price) => Number.isFinite(price) && price > 0);
  if (sample.length === 0) return 2;
  const whole = Math.ceil(Math.log10(Math.max(...sample)));
  const most = Math.max(0, Math.min(MAX_DECIMALS, DIGITS - whole));
  const used = sample.map((price) => countDecimals(price, most)).sort((one, other) => one - other);
  return used[Math.ceil((used.length - 1) * QUANTILE)] ?? 2;
}

function countDecimals(price: number, most: number): number {
  const [, decimals = ""] = price.toFixed(most).split(".");
  return decimals.replace(/0+$/, "").length;
}

const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 });

/** Format a volume with three significant digits: `1.24K`, `3.1M`. */
export function formatVolume(volume: number): string {
  return short.format(volume);
}
