/** Applies a result event to a row, before the row is read again from the database. Pure. */
import type { components } from "../api/schema";
import { hasLevelsOf, timesOf } from "../board/rows";
import type { AnalysisCompleted, AnalysisUnchanged } from "../stream/events";

export type Row = components["schemas"]["ResultDetail"];

/** Whether result and row have the same exchange, type, symbol and timeframe. */
export function isSameMarket(result: Pick<AnalysisCompleted, "market">, row: Omit<AnalysisCompleted["market"], never>): boolean {
  const { exchange, market_type, symbol, timeframe } = result.market;
  return (
    exchange === row.exchange && market_type === row.market_type && symbol === row.symbol && timeframe === row.timeframe
  );
}

/** Apply a newer result by the sink's guard (later `candle_at`, then later `analyzed_at`); else return the same row. */
export function applyResult(row: Row, result: AnalysisCompleted): Row {
  if (!isSameMarket(result, row) || !isNewer(result, row)) return row;
  const { last_price, candle_at, analyzed_at, support_levels, resistance_levels, levels } = result;
  return { ...row, last_price, candle_at, analyzed_at, support_levels, resistance_levels, levels };
}

/** Move a row on at a close that changed none of its levels; else return the same row. */
export function applyClose(row: Row, close: AnalysisUnchanged): Row {
  return isSameMarket(close, row) && hasLevelsOf(close, row.candle_at) ? { ...row, ...timesOf(close) } : row;
}

function isNewer(result: AnalysisCompleted, row: Row): boolean {
  const candles = Date.parse(result.candle_at) - toMs(row.candle_at);
  return candles > 0 || (candles === 0 && Date.parse(result.analyzed_at) > toMs(row.analyzed_at));
}

function toMs(time: string | null | undefined): number {
  return time ? Date.parse(time) : Number.NEGATIVE_INFINITY;
}
