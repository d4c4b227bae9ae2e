/** `/chart?...`: what the address asks for, and addresses that ask for something else. Pure. */
import { DEFAULT_TIMEFRAME, isTimeframe } from "./timeframes";

export interface Address {
  id: number | null;
  symbol: string | null;
  exchange: string | undefined;
  marketType: string | undefined;
  /** Of the candles. */
  interval: string;
  /** Levels as they were published by that time; null for the newest. */
  at: string | null;
}

export function readAddress(search: URLSearchParams): Address {
  const id = Number(search.get("id"));
  const interval = search.get("interval") ?? "";
  const at = search.get("at");
  return {
    id: Number.isSafeInteger(id) && id > 0 ? id : null,
    symbol: search.get("symbol")?.trim() || null,
    exchange: search.get("exchange") ?? undefined,
    marketType: search.get("market_type") ?? undefined,
    interval: isTimeframe(interval) ? interval : DEFAULT_TIMEFRAME,
    at: at && !Number.isNaN(Date.parse(at)) ? at : null,
  };
}

/** The same chart with something changed; null takes a parameter away. */
export function changed(search: URLSearchParams, changes: Record<string, string | null>): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  return next;
}
