/** The newest analysis of every market: rows of the API, kept up to date by result events. Pure. */
import type { components } from "../api/schema";
import type { AnalysisCompleted, AnalysisUnchanged, Level } from "../stream/events";

type ListedRow = components["schemas"]["ResultListItem"];

/** What is known of a level; the API's rows have it for the nearest level of each side. */
export type BoardLevel = components["schemas"]["NearestLevel"];

export interface BoardRow {
  id: number;
  exchange: string;
  market_type: string;
  symbol: string;
  timeframe: string;
  last_price: number;
  candle_at: string | null;
  analyzed_at: string | null;
  updated_at: string;
  support_levels: readonly number[];
  resistance_levels: readonly number[];
  /** The levels that are known by more than their price. */
  known: readonly BoardLevel[];
}

export function toBoardRow(row: ListedRow): BoardRow {
  const { id, exchange, market_type, symbol, timeframe, last_price, updated_at, support_levels, resistance_levels, nearest } = row;
  const known = [nearest.support, nearest.resistance].filter((level) => level != null);
  const times = { candle_at: row.candle_at ?? null, analyzed_at: row.analyzed_at ?? null, updated_at };
  return { id, exchange, market_type, symbol, timeframe, last_price, ...times, support_levels, resistance_levels, known };
}

/** The key of a row: `sim:spot:BTCUSDT:1h`. */
export function rowKey(row: { exchange: string; market_type: string; symbol: string; timeframe: string }): string {
  return `${row.exchange}:${row.market_type}:${row.symbol}:${row.timeframe}`;
}

/** Apply newer results to their rows by the sink's guard; rows without one stay the same objects, and all of them the array. */
export function applyResults(rows: readonly BoardRow[], results: readonly AnalysisCompleted[]): readonly BoardRow[] {
  const latest = new Map(results.map((result) => [rowKey(result.market), result]));
  const next = rows.map((row) => {
    const result = latest.get(rowKey(row));
    return result && isNewer(result, row) ? updateRow(row, result) : row;
  });
  return next.some((row, index) => row !== rows[index]) ? next : rows;
}

/** Move rows on at closes that changed none of their levels; as `applyResults` otherwise. */
export function moveRowsOn(rows: readonly BoardRow[], closes: readonly AnalysisUnchanged[]): readonly BoardRow[] {
  const latest = new Map(closes.map((close) => [rowKey(close.market), close]));
  const next = rows.map((row) => {
    const close = latest.get(rowKey(row));
    return close && hasLevelsOf(close, row.candle_at) ? { ...row, ...timesOf(close), updated_at: close.analyzed_at } : row;
  });
  return next.some((row, index) => row !== rows[index]) ? next : rows;
}

/** Whether a row of `candleAt` has the result that a later close refers to, or one of a close after it. */
export function hasLevelsOf(close: AnalysisUnchanged, candleAt: string | null | undefined): boolean {
  const at = toMs(candleAt);
  return at >= Date.parse(close.levels_at) && at < Date.parse(close.candle_at);
}

/** What a close without change gives a row. */
export function timesOf({ candle_at, analyzed_at }: AnalysisUnchanged) {
  return { candle_at, analyzed_at };
}

function updateRow(row: BoardRow, result: AnalysisCompleted): BoardRow {
  const { last_price, candle_at, analyzed_at, support_levels, resistance_levels, levels } = result;
  const known = levels.map(toKnown);
  return { ...row, last_price, candle_at, analyzed_at, updated_at: analyzed_at, support_levels, resistance_levels, known };
}

function toKnown(level: Level): BoardLevel {
  const { level_id, price, distance_pct, score, touches, first_touch_at, last_touch_at, confirmed_at, p_reach_24 } = level;
  return { level_id, price, distance_pct, score, touches, first_touch_at, last_touch_at, confirmed_at, p_reach_24: p_reach_24 ?? null };
}

function isNewer(result: AnalysisCompleted, row: BoardRow): boolean {
  const candles = Date.parse(result.candle_at) - toMs(row.candle_at);
  return candles > 0 || (candles === 0 && Date.parse(result.analyzed_at) > toMs(row.analyzed_at));
}

function toMs(time: string | null | undefined): number {
  return time ? Date.parse(time) : Number.NEGATIVE_INFINITY;
}
