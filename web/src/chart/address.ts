/** The search parameters of `/chart` and `/embed/chart`. Pure. */
import type { MarketName } from "../format/market";
import { normalizeSymbol } from "./selectRow";
import { parseTimeframes } from "./otherTimeframes";
import { DEFAULT_TIMEFRAME, isTimeframe } from "./timeframes";

export interface Address {
  id: number | null;
  symbol: string | null;
  exchange: string | undefined;
  marketType: string | undefined;
  /** Timeframe of the candles. */
  interval: string;
  /** The interval in the address when it is not a timeframe. */
  unknownInterval: string | null;
  /** Show the levels published by that time; null for the newest. */
  at: string | null;
  /** Other timeframes whose levels are shown; null where the address names none. */
  others: readonly string[] | null;
}

export function readAddress(search: URLSearchParams): Address {
  const id = Number(search.get("id"));
  const interval = search.get("interval") ?? "";
  const at = search.get("at");
  return {
    id: Number.isSafeInteger(id) && id > 0 ? id : null,
    symbol: search.get("symbol")?.trim() || null,
    exchange: search.get("exchange") || undefined,
    marketType: search.get("market_type") || undefined,
    interval: isTimeframe(interval) ? interval : DEFAULT_TIMEFRAME,
    unknownInterval: interval && !isTimeframe(interval) ? interval : null,
    at: at && !Number.isNaN(Date.parse(at)) ? at : null,
    others: parseTimeframes(search.get("others")),
  };
}

/** The market that an address names; null for that of an id, and for one that names none completely. */
export function toMarket({ id, symbol, exchange, marketType }: Address): MarketName | null {
  if (id !== null || symbol === null || !exchange || !marketType) return null;
  return { symbol: normalizeSymbol(symbol), exchange, market_type: marketType };
}

/** Copy the parameters with `changes` applied; null removes a parameter. */
export function updateSearch(search: URLSearchParams, changes: Record<string, string | null>): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  return next;
}
