/** A row as it will be once the result just told is written down. Pure. */
import type { components } from "../api/schema";
import type { AnalysisCompleted } from "../stream/events";

export type Row = components["schemas"]["ResultDetail"];

/** Whether the result is of the row's market: exchange, type, symbol and timeframe. */
export function isOf(result: AnalysisCompleted, row: Omit<AnalysisCompleted["market"], never>): boolean {
  const { exchange, market_type, symbol, timeframe } = result.market;
  return (
    exchange === row.exchange && market_type === row.market_type && symbol === row.symbol && timeframe === row.timeframe
  );
}

/** The sink's guard, so that a result that comes late changes nothing: later `candle_at`, then later `analyzed_at`. */
export function withResult(row: Row, result: AnalysisCompleted): Row {
  if (!isOf(result, row) || !isNewer(result, row)) return row;
  const { last_price, candle_at, analyzed_at, support_levels, resistance_levels, levels } = result;
  return { ...row, last_price, candle_at, analyzed_at, support_levels, resistance_levels, levels };
}

function isNewer(result: AnalysisCompleted, row: Row): boolean {
  const candles = Date.parse(result.candle_at) - moment(row.candle_at);
  return candles > 0 || (candles === 0 && Date.parse(result.analyzed_at) > moment(row.analyzed_at));
}

function moment(time: string | null | undefined): number {
  return time ? Date.parse(time) : Number.NEGATIVE_INFINITY;
}
