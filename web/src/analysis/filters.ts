/** The filters of the result list. They are kept in the address, so that a view can be bookmarked and shared. */

export interface Filters {
  symbol: string;
  exchange: string;
  market_type: string;
  timeframe: string;
  page: number;
}

const NAMES = ["symbol", "exchange", "market_type", "timeframe"] as const;

export function readFilters(search: URLSearchParams): Filters {
  const page = Number(search.get("page"));
  return {
    symbol: search.get("symbol") ?? "",
    exchange: search.get("exchange") ?? "",
    market_type: search.get("market_type") ?? "",
    timeframe: search.get("timeframe") ?? "",
    page: Number.isInteger(page) && page > 0 ? page : 1,
  };
}

/** Write the filters as search parameters, without those at their defaults. */
export function toSearchParams(filters: Filters): URLSearchParams {
  const search = new URLSearchParams();
  for (const name of NAMES) if (filters[name]) search.set(name, filters[name]);
  if (filters.page > 1) search.set("page", String(filters.page));
  return search;
}

/** Apply a change; every change except that of the page returns to the first page. */
export function updateFilters(filters: Filters, change: Partial<Filters>): Filters {
  return { ...filters, page: 1, ...change };
}

export function hasFilters(filters: Filters): boolean {
  return NAMES.some((name) => filters[name].trim() !== "");
}
