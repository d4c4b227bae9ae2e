/** Which results are shown. It stands in the address, so that a view can be kept and sent. */

export interface Filters {
  symbol: string;
  exchange: string;
  market_type: string;
  timeframe: string;
  page: number;
}

const NAMES = ["symbol", "exchange", "market_type", "timeframe"] as const;

export function filtersOf(search: URLSearchParams): Filters {
  const page = Number(search.get("page"));
  return {
    symbol: search.get("symbol") ?? "",
    exchange: search.get("exchange") ?? "",
    market_type: search.get("market_type") ?? "",
    timeframe: search.get("timeframe") ?? "",
    page: Number.isInteger(page) && page > 0 ? page : 1,
  };
}

/** What is at its default is left out. */
export function searchOf(filters: Filters): URLSearchParams {
  const search = new URLSearchParams();
  for (const name of NAMES) if (filters[name]) search.set(name, filters[name]);
  if (filters.page > 1) search.set("page", String(filters.page));
  return search;
}

/** Anything but the page itself leads back to the first page. */
export function changed(filters: Filters, change: Partial<Filters>): Filters {
  return { ...filters, page: 1, ...change };
}

export function isFiltered(filters: Filters): boolean {
  return NAMES.some((name) => filters[name].trim() !== "");
}
