/** Prices as traders read them: grouped, and with as many decimals as the market's size asks for. */

/** Decimals for a price of this size: five significant digits or six, two decimals at least, eight at most. */
export function decimalsOf(price: number): number {
  const size = Math.abs(price);
  if (!Number.isFinite(size) || size === 0) return 2;
  return Math.min(8, Math.max(2, 4 - Math.floor(Math.log10(size))));
}

/** `decimals`: those of the market's last price, so that prices of one market line up. */
export function formatPrice(price: number, decimals = decimalsOf(price)): string {
  return numbers(decimals).format(price);
}

/** A price in two parts, so that a column can put its decimal points below one another. */
export function splitPrice(price: number, decimals = decimalsOf(price)): [whole: string, fraction: string] {
  const written = formatPrice(price, decimals);
  const point = written.lastIndexOf(".");
  return point < 0 ? [written, ""] : [written.slice(0, point), written.slice(point)];
}

/** `+1.40 %`, `−0.35 %`; the sign can be left out. */
export function formatPercent(percent: number, { signed = true } = {}): string {
  const written = numbers(2).format(Math.abs(percent));
  const zero = Number(written.replaceAll(",", "")) === 0;
  const sign = !signed || zero ? "" : percent > 0 ? "+" : "−";
  return `${sign}${written} %`;
}

export function formatScore(score: number): string {
  return score.toFixed(2);
}

const known = new Map<number, Intl.NumberFormat>();

function numbers(decimals: number): Intl.NumberFormat {
  let format = known.get(decimals);
  if (!format) {
    // One notation in both languages: a price that is read aloud to a colleague must not change its commas.
    format = new Intl.NumberFormat("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    known.set(decimals, format);
  }
  return format;
}
