/** Formatting of prices: grouped digits, and as many decimals as the size of the market's price needs. */

/** Decimals for a price of this size: five or six significant digits, with 2 to 8 decimals. */
export function decimalsOf(price: number): number {
  const size = Math.abs(price);
  if (!Number.isFinite(size) || size === 0) return 2;
  return Math.min(8, Math.max(2, 4 - Math.floor(Math.log10(size))));
}

/** Pass the `decimals` of the market's last price, so that prices of one market line up. */
export function formatPrice(price: number, decimals = decimalsOf(price)): string {
  return numbers(decimals).format(price);
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
