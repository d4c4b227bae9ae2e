/**
 * Visits of price to a level's zone, for the markers on the chart. Pure.
 *
 * An event tells how many touches a level had, and the first and the last; this finds all of them in the candles shown,
 * by the rule of `levels/evidence.py`: a visit begins with the first bar that trades in the zone, and ends before the
 * first bar that does not and closes farther from it than the zone's width plus half an ATR. That bar also says whether
 * the zone held. On candles of the level's own timeframe this gives the visits that were counted; on others, what those
 * candles show of them.
 */
import type { Candle } from "./candles";

const ATR_BARS = 14;
const LEAVE_ATR = 0.5;

export interface Zone {
  level_id: string;
  low: number;
  high: number;
}

/** Open times (ms) of its first bar and of its last before the exit. */
export interface Visit {
  at: number;
  until: number;
  from: "above" | "below";
  outcome: "undecided" | "bounced" | "broke";
}

/** Every visit from the level's anchor on, as far as `candles` (ascending) reach. */
export function visitsOf(candles: readonly Candle[], zone: Zone): Visit[] {
  const atr = relativeAtr(candles);
  const anchor = anchorOf(zone.level_id);
  const since = barAt(candles, anchor.at);
  const visits: Visit[] = [];
  let begun: number | null = null;
  for (let bar = Math.max(since, 0); bar < candles.length; bar++) {
    const candle = candles[bar] as Candle;
    if (inside(candle, zone)) begun ??= bar;
    else if (begun !== null && hasLeft(candle, zone, atr[bar] ?? 0)) {
      visits.push(visit(candles, zone, begun, bar, begun === since ? anchor.from : null));
      begun = null;
    }
  }
  if (begun !== null) visits.push(visit(candles, zone, begun, candles.length, begun === since ? anchor.from : null));
  return visits;
}

/** Mean of the last 14 true ranges at each bar, each a fraction of price; of as many as there are at the beginning. */
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

/** A level's id names its anchor pivot: a low (`S`) is come to from above, a high (`R`) from below. */
function anchorOf(levelId: string): { at: number; from: Visit["from"] } {
  const at = Number(levelId.slice(1));
  return { at: Number.isFinite(at) ? at : 0, from: levelId.startsWith("R") ? "below" : "above" };
}

/** The bar in which a time lies; -1 where the candles begin after it. */
function barAt(candles: readonly Candle[], at: number): number {
  return candles.findLastIndex((candle) => candle.time <= at);
}

function inside(candle: Candle, zone: Zone): boolean {
  return candle.low <= zone.high && candle.high >= zone.low;
}

function hasLeft(candle: Candle, zone: Zone, atr: number): boolean {
  const beyond = (zone.high / zone.low) * (1 + LEAVE_ATR * atr);
  return candle.close > zone.high * beyond || candle.close < zone.low / beyond;
}

function visit(
  candles: readonly Candle[],
  zone: Zone,
  first: number,
  exit: number,
  anchored: Visit["from"] | null,
): Visit {
  const [begin, end] = [candles[first], candles[exit - 1]] as [Candle, Candle];
  const from = anchored ?? sideOf(candles[first - 1]?.close ?? begin.open, zone);
  const leaver = candles[exit];
  const outcome = !leaver ? "undecided" : sideOf(leaver.close, zone) === from ? "bounced" : "broke";
  return { at: begin.time, until: end.time, from, outcome };
}

function sideOf(price: number, zone: Zone): Visit["from"] {
  return price > zone.high ? "above" : "below";
}
