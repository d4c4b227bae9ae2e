/** What the watch dialog is about when it is opened from the chart. Pure. */
import type { MarketName } from "../format/market";
import type { WatchSubject } from "../watches/draft";
import type { ShownLevel } from "./shownLevels";

/**
 * `row`: the newest result that the level is of. A level of a past publication may be gone, and a row of another
 * backend has no ids: their watches are of a price, which nothing moves. Without a level it begins at the last price.
 */
export function subjectOf(
  { exchange, market_type, symbol }: MarketName,
  last: number,
  level: ShownLevel | null,
  row: { timeframe: string } | null,
): WatchSubject {
  const market = { exchange, market_type: market_type === "future" ? "future" : "spot", symbol } as const;
  const lastPrice = last;
  if (!level) return { ...market, lastPrice, price: last };
  const { side, price, evidence } = level;
  if (!row || !evidence) return { ...market, lastPrice, price };
  return { ...market, lastPrice, timeframe: row.timeframe, level: { level_id: evidence.level_id, side, price } };
}
