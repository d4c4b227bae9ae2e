/** Selects and orders the rows of the list by their levels at the live prices. Pure. */
import type { BoardRow } from "../board/rows";
import { distance, rangePosition } from "../format/distance";
import { timeframeSeconds } from "../format/market";
import type { Column, Filters } from "./filters";
import { findNearest, type LiveLevel } from "./nearest";

export interface ScreenedRow {
  row: BoardRow;
  last: number;
  support: LiveLevel | null;
  resistance: LiveLevel | null;
  /** The level that filters and order are about: the nearer one, or that of the chosen side. */
  subject: { level: LiveLevel; side: "support" | "resistance"; percent: number } | null;
}

/** Return the rows that pass the filters, in their order. `priceOf`: the live price, else that of the analysis. */
export function screenRows(rows: readonly BoardRow[], filters: Filters, priceOf: (row: BoardRow) => number): ScreenedRow[] {
  const text = filters.symbol.toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");
  return rows
    .filter((row) => isListed(row, filters, text))
    .map((row) => evaluate(row, priceOf(row), filters.side))
    .filter((one) => passes(one, filters))
    .sort(createOrder(filters));
}

function isListed(row: BoardRow, { symbol, exchange, market_type, timeframe }: Filters, text: string): boolean {
  return (
    (text !== "" ? row.symbol.includes(text) : symbol.trim() === "") &&
    (exchange === "" || row.exchange === exchange) &&
    (market_type === "" || row.market_type === market_type) &&
    (timeframe === "" || row.timeframe === timeframe)
  );
}

export function evaluate(row: BoardRow, last: number, side: Filters["side"]): ScreenedRow {
  const near = findNearest(row, last);
  const candidates = (["support", "resistance"] as const)
    .filter((one) => side === "" || one === side)
    .flatMap((one) => {
      const level = near[one];
      return level ? [{ level, side: one, percent: distance(level.price, last) }] : [];
    });
  const [first, second] = candidates;
  const subject = first && second && Math.abs(second.percent) < Math.abs(first.percent) ? second : first;
  return { row, last, ...near, subject: subject ?? null };
}

function passes({ subject }: ScreenedRow, { side, within, touched, reach }: Filters): boolean {
  if (side === "" && within === null && touched === "" && reach === null) return true;
  if (!subject) return false;
  const { level, percent } = subject;
  if (within !== null && Math.abs(percent) > within) return false;
  if (reach !== null && (level.p_reach_24 ?? 0) * 100 < reach) return false;
  return touched === "" || isFresh(level) === (touched === "fresh");
}

/** Whether the price has not touched a level since it was confirmed; null where that is not known. */
export function isFresh({ last_touch_at, confirmed_at }: LiveLevel): boolean | null {
  return last_touch_at && confirmed_at ? Date.parse(last_touch_at) <= Date.parse(confirmed_at) : null;
}

const KEYS: Readonly<Record<Column, (one: ScreenedRow) => number | string | null>> = {
  distance: ({ subject }) => subject && Math.abs(subject.percent),
  symbol: ({ row }) => row.symbol,
  timeframe: ({ row }) => timeframeSeconds(row.timeframe),
  last: ({ last }) => last,
  support: ({ support, last }) => support && Math.abs(distance(support.price, last)),
  position: ({ support, resistance, last }) => rangePosition(last, support?.price, resistance?.price),
  resistance: ({ resistance, last }) => resistance && Math.abs(distance(resistance.price, last)),
  reach: ({ subject }) => subject?.level.p_reach_24 ?? null,
  analysed: ({ row }) => Date.parse(row.analyzed_at ?? row.updated_at),
};

/** Rows without a value are last either way; equal ones are by symbol and timeframe. */
function createOrder({ sort, descending }: Filters) {
  const key = KEYS[sort];
  return (one: ScreenedRow, other: ScreenedRow): number => {
    const [a, b] = [key(one), key(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null) || compareNames(one, other);
    return (descending ? compare(b, a) : compare(a, b)) || compareNames(one, other);
  };
}

function compareNames({ row: one }: ScreenedRow, { row: other }: ScreenedRow): number {
  return compare(one.symbol, other.symbol) || compare(timeframeSeconds(one.timeframe), timeframeSeconds(other.timeframe)) || one.id - other.id;
}

function compare(a: number | string, b: number | string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
