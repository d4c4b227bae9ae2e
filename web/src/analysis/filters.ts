/** Filters and order of the list. They are kept in the address, so that a view can be bookmarked and shared. Pure. */

export const COLUMNS = ["distance", "symbol", "timeframe", "last", "support", "position", "resistance", "reach", "analysed"] as const;
export type Column = (typeof COLUMNS)[number];

export const SIDES = ["support", "resistance"] as const;
/** `fresh`: no touch since the level was confirmed. */
export const TOUCHES = ["fresh", "touched"] as const;

export interface Filters {
  symbol: string;
  exchange: string;
  market_type: string;
  timeframe: string;
  /** The side of the level that the other filters and the order are about; empty for the nearer one. */
  side: "" | (typeof SIDES)[number];
  /** Distance in percent at most; null for any. */
  within: number | null;
  touched: "" | (typeof TOUCHES)[number];
  /** Probability in percent, at least, of a touch within 24 candles; null for any. */
  reach: number | null;
  sort: Column;
  descending: boolean;
}

const TEXTS = ["symbol", "exchange", "market_type", "timeframe"] as const;
/** Of times and probabilities one wants the largest first. */
const LARGEST_FIRST: readonly Column[] = ["analysed", "reach"];

export function readFilters(search: URLSearchParams): Filters {
  const text = (name: string) => search.get(name) ?? "";
  const sort = text("sort");
  const column = COLUMNS.find((one) => one === sort.replace(/^-/, "")) ?? "distance";
  return {
    symbol: text("symbol"),
    exchange: text("exchange"),
    market_type: text("market_type"),
    timeframe: text("timeframe"),
    side: SIDES.find((side) => side === text("side")) ?? "",
    within: toPercent(search.get("within")),
    touched: TOUCHES.find((one) => one === text("touched")) ?? "",
    reach: toPercent(search.get("reach")),
    sort: column,
    descending: sort.startsWith("-") && sort.slice(1) === column,
  };
}

function toPercent(text: string | null): number | null {
  const value = Number(text ?? "");
  return Number.isFinite(value) && value > 0 ? value : null;
}

/** Write the filters as search parameters, without those at their defaults. */
export function toSearchParams(filters: Filters): URLSearchParams {
  const search = new URLSearchParams();
  for (const name of [...TEXTS, "side", "touched"] as const) if (filters[name]) search.set(name, filters[name]);
  for (const name of ["within", "reach"] as const) if (filters[name] !== null) search.set(name, String(filters[name]));
  const sort = `${filters.descending ? "-" : ""}${filters.sort}`;
  if (sort !== "distance") search.set("sort", sort);
  return search;
}

/** Order by a column; by the same one again, the other way round. */
export function sortBy(filters: Filters, column: Column): Filters {
  const descending = filters.sort === column ? !filters.descending : LARGEST_FIRST.includes(column);
  return { ...filters, sort: column, descending };
}

export function hasFilters(filters: Filters): boolean {
  const texts = TEXTS.some((name) => filters[name].trim() !== "");
  return texts || filters.side !== "" || filters.within !== null || filters.touched !== "" || filters.reach !== null;
}
