/** Builds the subject of the watch dialog when it is opened from the chart. Pure. */
import type { MarketName } from "../format/market";
import type { WatchSubject } from "../watches/draft";
import type { DisplayLevel } from "./displayLevels";

/**
 * `row` is the newest result, if `level` is one of its levels or of the newest ones of another timeframe. A level of a past publication may no longer exist, and a
 * row of another backend has no level ids: in both cases the subject is a fixed price. Without a level it is
 * `chosen`.
 */
export function buildWatchSubject(
  { exchange, market_type, symbol }: MarketName,
  last: number,
  level: DisplayLevel | null,
  row: { timeframe: string } | null,
  chosen = last,
): WatchSubject {
  const market = { exchange, market_type: market_type === "future" ? "future" : "spot", symbol } as const;
  const lastPrice = last;
  if (!level) return { ...market, lastPrice, price: chosen };
  const { side, price, evidence } = level;
  if (!row || !evidence) return { ...market, lastPrice, price };
  return { ...market, lastPrice, timeframe: level.timeframe ?? row.timeframe, level: { level_id: evidence.level_id, side, price } };
}
