/** Formatting of prices: grouped digits, and as many decimals as the size of the market's price needs. */

/** Below this size a price is written with the digits that it has, from three to five, without zeros behind them. */
const SMALL = 1e-4;
const DIGITS = 5;
const MIN_DIGITS = 3;
const MAX_ERROR = 0.01;
/** A price that needs more decimals than this is written with an exponent. */
const MAX_DECIMALS = 20;

/** Decimals for a price of this size: five or six significant digits, at least 2 decimals; 11 for 1.23e-9. */
export function decimalsOf(price: number): number {
  const size = Math.abs(price);
  if (!Number.isFinite(size) || size === 0) return 2;
  if (size >= SMALL) return Math.max(2, DIGITS - 1 - exponentOf(size));
  const digits = size.toExponential(DIGITS - 1).replace(/\.?0*e.*$/, "").replace(".", "").length;
  return Math.max(MIN_DIGITS, digits) - 1 - exponentOf(Number(size.toPrecision(DIGITS)));
}

/**
 * Pass the `decimals` of the market's last price, so that prices of one market line up. A price for which they are too
 * few gets more: none that is not zero is shown as zero.
 */
export function formatPrice(price: number, decimals = decimalsOf(price)): string {
  const needed = decimalsFor(price, decimals);
  return needed > MAX_DECIMALS ? price.toExponential(MIN_DIGITS - 1) : numbers(needed).format(price);
}

/** Return `decimals`, or more where they would change the price by more than 1 %. */
export function decimalsFor(price: number, decimals: number): number {
  const size = Math.abs(price);
  const error = Math.abs(Math.round(size * 10 ** decimals) / 10 ** decimals - size);
  return error > MAX_ERROR * size ? Math.max(decimals, MIN_DIGITS - 1 - exponentOf(size)) : decimals;
}

/** A float has 15 digits without noise. */
const plain = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 15, useGrouping: false });

/** Format a price with all its digits, so that it reads the same everywhere: `1,234.00`, `1.2340`, never `1.234`. */
export function formatExact(price: number): string {
  const decimals = toPlainNumeral(price).split(".")[1]?.length ?? 0;
  return numbers(Math.max(2, decimals === 3 ? 4 : decimals)).format(price);
}

/** Write a price with all its digits, neither grouped nor with an exponent, for a field to edit it. */
export function toPlainNumeral(price: number): string {
  return plain.format(price);
}

function exponentOf(size: number): number {
  return Number(size.toExponential().split("e")[1]);
}

/** Split a formatted price at its decimal point, so that a column can align the points. */
export function splitPrice(price: number, decimals = decimalsOf(price)): [whole: string, fraction: string] {
  const written = formatPrice(price, decimals);
  const point = written.lastIndexOf(".");
  return point < 0 ? [written, ""] : [written.slice(0, point), written.slice(point)];
}

/** `+1.40 %`, `−0.35 %`; without sign when `signed` is false. */
export function formatPercent(percent: number, { signed = true } = {}): string {
  const written = numbers(2).format(Math.abs(percent));
  const zero = Number(written.replaceAll(",", "")) === 0;
  const sign = !signed || zero ? "" : percent > 0 ? "+" : "−";
  return `${sign}${written} %`;
}

/** `36 %`; `< 1 %` and `> 99 %` at the ends, as nothing is certain. */
export function formatProbability(probability: number): string {
  const percent = Math.round(probability * 100);
  if (percent < 1) return "< 1 %";
  return percent > 99 ? "> 99 %" : `${percent} %`;
}

export function formatScore(score: number): string {
  return score.toFixed(2);
}

const known = new Map<number, Intl.NumberFormat>();

function numbers(decimals: number): Intl.NumberFormat {
  let format = known.get(decimals);
  if (!format) {
    // The same notation in all languages, so that a price is not misread between colleagues.
    format = new Intl.NumberFormat("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    known.set(decimals, format);
  }
  return format;
}
