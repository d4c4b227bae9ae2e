import { useState, type KeyboardEvent } from "react";
import { formatPercent } from "../format/price";
import { useMessages } from "../i18n/language";
import { useTimeFormat } from "../ui/useTimeFormat";
import type { Candle } from "./candles";
import type { CandleChart } from "./canvas/openChart";
import { findLevelNear, moveAcross, moveAlong, priceOf, type Cursor } from "./cursor";
import type { DisplayLevel } from "./displayLevels";

const BARS = 10; // that an arrow key goes with the shift key

interface CursorInput {
  chart: CandleChart | null;
  candles: readonly Candle[];
  levels: readonly DisplayLevel[];
  format: (price: number) => string;
  /** Watch the price of a level. */
  onWatch: (level: DisplayLevel) => void;
}

/** The crosshair by keys: a handler for the chart's element, and what is under the crosshair in words. */
export function useCursor({ chart, candles, levels, format, onWatch }: CursorInput) {
  const [cursor, setCursor] = useState<Cursor | null>(null);
  const describe = useDescription(format);
  const go = (next: Cursor | null) => {
    setCursor(next);
    if (next) chart?.pointAt(next.time, priceOf(next, candles, levels));
    else chart?.clearPoint();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = event.shiftKey ? BARS : 1;
    const actions: Record<string, (() => void) | undefined> = {
      ArrowLeft: () => go(moveAlong(cursor, candles, -step)),
      ArrowRight: () => go(moveAlong(cursor, candles, step)),
      ArrowUp: () => go(moveAcross(cursor, candles, levels, true)),
      ArrowDown: () => go(moveAcross(cursor, candles, levels, false)),
      End: () => go(moveAlong(null, candles, 0)),
      Escape: cursor ? () => go(null) : undefined,
      Enter: () => {
        const near = cursor && findLevelNear(priceOf(cursor, candles, levels), levels);
        if (near) onWatch(near.level);
      },
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };
  const candle = cursor && candles.findLast(({ time }) => time <= cursor.time);
  const text = cursor && candle ? describe(candle, findLevelNear(priceOf(cursor, candles, levels), levels)) : "";
  return { onKeyDown, text, time: cursor?.time ?? null, leave: () => cursor && go(null) };
}

function useDescription(format: (price: number) => string) {
  const m = useMessages();
  const formatTime = useTimeFormat();
  return (candle: Candle, near: ReturnType<typeof findLevelNear>): string => {
    const [open, high, low, close] = [candle.open, candle.high, candle.low, candle.close].map(format) as [string, string, string, string];
    const bar = m.chart.readBar(formatTime(candle.time), open, high, low, close);
    if (!near) return bar;
    const { level, percent } = near;
    return `${bar} ${m.chart.readLevel([level.timeframe, m.common[level.side]].filter(Boolean).join(" "), format(level.price), formatPercent(percent))}`;
  };
}
