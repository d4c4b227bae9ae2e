/**
 * Reads a price that a person typed, in the notation of any locale. Pure.
 *
 * The rule: the last separator is the decimal one if it occurs once; separators before it group digits and must do so
 * correctly. A lone point is always decimal, as on the pages. A lone comma before exactly three digits (`1,234`) may be
 * either, so it is refused.
 */

export type PriceReading =
  | { price: number }
  | { problem: "number" | "zero" }
  /** `whole` and `decimal` are the two prices that the text may be, written so that they are accepted. */
  | { problem: "ambiguous"; whole: string; decimal: string };

const INVISIBLE = /[\u200e\u200f\u061c\u2066-\u2069\ufeff]/g;
/** Code points of the digit zero in scripts whose digits NFKC leaves alone; nine more digits follow each. */
const ZEROS = [0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20, 0x1040, 0x17e0, 0x1810];
const WESTERN_GROUPS = /^\d{1,3}(,\d{3})+$/;
const INDIAN_GROUPS = /^\d{1,2}(,\d{2})+,\d{3}$/;
const AMBIGUOUS = /^[1-9]\d{0,2},\d{3}$/;

/** Return the price that `text` is, or why it is none. */
export function parsePrice(text: string): PriceReading {
  const plain = normalize(text);
  if (AMBIGUOUS.test(plain)) return { problem: "ambiguous", whole: plain.replace(",", ""), decimal: plain.replace(",", ".") };
  const price = Number(toNumeral(plain) ?? Number.NaN);
  if (!Number.isFinite(price)) return { problem: "number" };
  return price > 0 ? { price } : { problem: "zero" };
}

/** Return `text` with ASCII digits, and with `,` `.` `'` (a group separator) and `:` (a decimal one) as separators. */
function normalize(text: string): string {
  return text
    .normalize("NFKC")
    .replace(INVISIBLE, "")
    .trim()
    .replace(/\p{Nd}/gu, toAsciiDigit)
    .replace(/[\u2018\u2019\u02bc\u066c\s]/g, "'")
    .replace(/[\u3001\u060c]/g, ",")
    .replace(/\u3002/g, ".")
    .replace(/:/g, "?")
    .replace(/\u066b/g, ":");
}

function toAsciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  const zero = ZEROS.find((first) => code >= first && code < first + 10);
  return zero === undefined ? digit : String(code - zero);
}

/** Return the numeral that `Number` reads; null when the text is none, or when its separators do not group digits. */
function toNumeral(text: string): string | null {
  if (/^-?\d+([.,]\d+)?e[+-]?\d{1,3}$/i.test(text)) return text.replace(",", ".");
  const [, sign = "", body = ""] = /^([+-]?)([\d.,':]+)$/.exec(text.replace("\u2212", "-")) ?? [];
  const at = decimalAt(body);
  const [whole, fraction] = at < 0 ? [body, ""] : [body.slice(0, at), body.slice(at + 1)];
  if (!/^\d*$/.test(fraction) || !/\d/.test(body)) return null;
  const digits = whole === "" && at >= 0 ? "0" : ungroup(whole);
  return digits === null ? null : `${sign}${digits}.${fraction || "0"}`;
}

/** Return the index of the decimal separator; -1 when there is none. */
function decimalAt(body: string): number {
  const at = body.search(/[.,':][^.,':]*$/);
  const separator = body.charAt(at);
  return at >= 0 && separator !== "'" && body.indexOf(separator) === at ? at : -1;
}

/** Return the digits of a whole number; null unless one kind of separator groups them in threes, or as in India. */
function ungroup(whole: string): string | null {
  const separators = new Set(whole.replace(/\d/g, ""));
  if (separators.size > 1 || separators.has(":")) return null;
  const grouped = whole.replace(/[.']/g, ",");
  if (separators.size === 1 && !WESTERN_GROUPS.test(grouped) && !INDIAN_GROUPS.test(grouped)) return null;
  return grouped.replaceAll(",", "");
}
