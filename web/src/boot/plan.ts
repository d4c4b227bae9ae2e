/** What the first view of an address needs from the API. Pure; the queries of the pages ask for the same. */
import { buildUrl } from "../api/url";
import { BOARD_PAGE } from "../board/page";
import { readAddress, toMarket } from "../chart/address";
import { buildCandleQuery, NEWEST_PAGE } from "../chart/candleQuery";
import { buildRowsQuery } from "../chart/rowsQuery";
import type { MarketName } from "../format/market";
import { selectRow, type SelectableRow } from "../chart/selectRow";

const RESULTS = "/api/v1/analysis/results";

/** A call, and the call that follows from its answer. */
export interface EarlyCall {
  url: string;
  next?: (answer: unknown) => string | null;
}

export function planCalls({ pathname, search }: { pathname: string; search: string }): EarlyCall[] {
  if (pathname === "/") return [{ url: buildUrl(RESULTS, {}, BOARD_PAGE) }];
  if (pathname === "/chart" || pathname === "/embed/chart") return planChart(new URLSearchParams(search));
  return [];
}

function planChart(search: URLSearchParams): EarlyCall[] {
  const address = readAddress(search);
  const candlesOf = (market: MarketName) => buildUrl("/api/v1/klines", {}, buildCandleQuery(market, address.interval, NEWEST_PAGE));
  if (address.id !== null) return [{ url: buildRowUrl(address.id), next: (answer) => candlesOf((answer as { data: MarketName }).data) }];
  const market = toMarket(address);
  if (!market) return [];
  const choose = (answer: unknown) => {
    const row = selectRow((answer as { data: (SelectableRow & { id: number })[] }).data, market, address.interval);
    return row && buildRowUrl(row.id);
  };
  return [
    { url: candlesOf(market) },
    { url: buildUrl(RESULTS, {}, buildRowsQuery(market)), next: choose },
  ];
}

function buildRowUrl(id: number): string {
  return buildUrl("/api/v1/analysis/{result_id}", { result_id: id });
}
