/**
 * Finds the visits of price to a level's zone, for the markers on the chart. Pure.
 *
 * A level has the number of its touches and the times of the first and the last. This module finds all of them in the
 * candles on the chart by the rule of `levels/evidence.py`: a visit begins with the first bar that trades in the zone, and
 * ends before the first bar that does not and closes farther from it than the zone's width plus half an ATR. That bar
 * also decides whether the zone held. On candles of the level's own timeframe the visits equal the counted touches; on
 * another timeframe they are what its candles show.
 */
import type { Candle } from "./candles";

const ATR_BARS = 14;
const LEAVE_ATR = 0.5;

export interface Zone {
  level_id: string;
  low: number;
  high: number;
}

/** `at` and `until` are the open times (ms) of the first bar and of the last bar before the exit. */
export interface Visit {
  at: number;
  until: number;
  from: "above" | "below";
  outcome: "undecided" | "bounced" | "broke";
}

/** Return every visit since the level's anchor within `candles` (ascending). */
export function findVisits(candles: readonly Candle[], zone: Zone): Visit[] {
  const atr = relativeAtr(candles);
  const anchor = parseAnchor(zone.level_id);
  const since = findBar(candles, anchor.at);
  const visits: Visit[] = [];
  let start: number | null = null;
  for (let bar = Math.max(since, 0); bar < candles.length; bar++) {
    const candle = candles[bar] as Candle;
    if (isInside(candle, zone)) start ??= bar;
    else if (start !== null && hasLeft(candle, zone, atr[bar] ?? 0)) {
      visits.push(buildVisit(candles, zone, start, bar, start === since ? anchor.from : null));
      start = null;
    }
  }
  if (start !== null) visits.push(buildVisit(candles, zone, start, candles.length, start === since ? anchor.from : null));
  return visits;
}

/** Return at each bar the mean of the last 14 true ranges (fewer at the beginning), each as a fraction of price. */
export function relativeAtr(candles: readonly Candle[]): number[] {
  const ranges = candles.map((candle, bar) => {
    const before = candles[bar - 1]?.close ?? candle.low;
    return Math.max(candle.high, before) / Math.min(candle.low, bar ? before : candle.low) - 1;
  });
  return ranges.map((_, bar) => {
    const window = ranges.slice(Math.max(0, bar - ATR_BARS + 1), bar + 1);
    return window.reduce((sum, range) => sum + range, 0) / window.length;
  });
}

/** Return the open time (ms) at which a level begins: that of its anchor, else of its first touch. */
export function findStart({ level_id, first_touch_at }: { level_id: string; first_touch_at: string }): number {
  return parseAnchor(level_id).at || Date.parse(first_touch_at);
}

/** Parse the anchor pivot in a level's id: price reaches a low (`S`) from above, a high (`R`) from below. */
function parseAnchor(levelId: string): { at: number; from: Visit["from"] } {
  const at = Number(levelId.slice(1));
  return { at: Number.isFinite(at) ? at : 0, from: levelId.startsWith("R") ? "below" : "above" };
}

/** Return the index of the bar that contains a time; -1 when the candles begin after it. */
function findBar(candles: readonly Candle[], at: number): number {
  return candles.findLastIndex((candle) => candle.time <= at);
}

function isInside(candle: Candle, zone: Zone): boolean {
  return candle.low <= zone.high && candle.high >= zone.low;
}

function hasLeft(candle: Candle, zone: Zone, atr: number): boolean {
  const beyond = (zone.high / zone.low) * (1 + LEAVE_ATR * atr);
  return candle.close > zone.high * beyond || candle.close < zone.low / beyond;
}

function buildVisit(
  candles: readonly Candle[],
  zone: Zone,
  first: number,
  exit: number,
  anchored: Visit["from"] | null,
): Visit {
  const [begin, end] = [candles[first], candles[exit - 1]] as [Candle, Candle];
  const from = anchored ?? sideOfZone(candles[first - 1]?.close ?? begin.open, zone);
  const exitBar = candles[exit];
  const outcome = !exitBar ? "undecided" : sideOfZone(exitBar.close, zone) === from ? "bounced" : "broke";
  return { at: begin.time, until: end.time, from, outcome };
}

function sideOfZone(price: number, zone: Zone): Visit["from"] {
  return price > zone.high ? "above" : "below";
}
