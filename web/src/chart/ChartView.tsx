import { useEffect, useEffectEvent, useId, useState, type ReactNode } from "react";
import { useMessages } from "../i18n/language";
import { useShortcut } from "../keys/shortcuts";
import type { CandleChart } from "./canvas/openChart";
import type { FeedState } from "./candleFeed";
import { AxisPlus } from "./AxisPlus";
import { ChartTools } from "./ChartTools";
import type { DisplayLevel } from "./displayLevels";
import type { DrawnLevel, Hit } from "./hitTest";
import { Legend } from "./Legend";
import type { Watch } from "./marketWatches";
import { useChart, type ChartInput } from "./useChart";
import { useCursor } from "./useCursor";
import { usePricePress } from "./usePricePress";
import { WatchHandles, type Move } from "./WatchHandles";

export interface Watching {
  /** Called with a price that is to be watched; null for the last one. */
  onPrice: (price: number | null) => void;
  watches: readonly Watch[];
  onMove: (move: Move | null) => void;
  onDrop: (watch: Watch, price: number) => void;
}

interface Props extends ChartInput {
  label: string;
  levels: readonly DisplayLevel[];
  onWatch: (level: DisplayLevel) => void;
  older: FeedState["older"];
  loadOlder: () => void;
  onClick: (hit: Hit) => void;
  /** Called with the id of the level under the pointer, or null. */
  onHighlight: (id: string | null) => void;
  onDrawn: (drawn: readonly DrawnLevel[]) => void;
  /** What sets and moves watches on the chart; null where it is only looked at. */
  watching: Watching | null;
  /** Called with the chart when it is open, and with null when it is closed. */
  onChart: (chart: CandleChart | null) => void;
  /** What lies over the chart. */
  children?: ReactNode;
}

/** The chart with its legend and tools. Remount it for another market or timeframe. */
export function ChartView(props: Props) {
  const { label, levels, onWatch, older, loadOlder, onClick, onHighlight, onDrawn, onChart, children, ...rest } = props;
  const { watching, ...input } = rest;
  const { candles, format, decimals } = input;
  const [hovered, setHovered] = useState<number | null>(null);
  const { ref, chart } = useChart(input, {
    onClick,
    onDrawn,
    onHover: (hit, time) => {
      onHighlight(hit?.id ?? null);
      setHovered(time);
    },
    // After a failure only the button retries: scrolling would retry many times a second.
    onNeedOlder: () => {
      if (older === "idle") loadOlder();
    },
  });
  const pick = usePricePress((watching && chart?.prices) ?? null, decimals, (price) => watching?.onPrice(price));
  const m = useMessages().chart;
  const hint = useId();
  const cursor = useCursor({ chart, candles, levels, format, onWatch });
  const focus = () => document.querySelector<HTMLElement>(".chart-canvas")?.focus();
  useShortcut({ combos: ["ArrowLeft", "ArrowRight"], group: "chart", label: m.cursor }, focus);
  const report = useEffectEvent(onChart);
  useEffect(() => report(chart), [chart]);
  return (
    <div className="chart-view">
      <Legend candle={candles.findLast(({ time }) => time === (hovered ?? cursor.time)) ?? candles.at(-1)} format={format} />
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- an application takes keys */}
      <div
        ref={ref}
        className="chart-canvas"
        role="application"
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- an application takes keys
        tabIndex={0}
        aria-label={label}
        aria-describedby={hint}
        data-testid="chart"
        data-candles={candles.length}
        onKeyDown={cursor.onKeyDown}
        onBlur={cursor.leave}
      />
      <p id={hint} className="visually-hidden">
        {m.cursorHint}
      </p>
      <p className="visually-hidden" role="status" data-testid="reading">
        {cursor.text}
      </p>
      {children}
      {chart && watching && <AxisPlus link={chart.prices} onPrice={pick} />}
      {chart && watching && <WatchHandles link={chart.prices} watches={watching.watches} onMove={watching.onMove} onDrop={watching.onDrop} {...{ format, decimals }} />}
      <OlderCandles state={older} retry={loadOlder} />
      <ChartTools chart={chart} />
    </div>
  );
}

function OlderCandles({ state, retry }: { state: FeedState["older"]; retry: () => void }) {
  const m = useMessages();
  if (state === "loading") return <p className="chart-note" role="status">{m.chart.loadingOlder} …</p>;
  if (state !== "failed") return null;
  return (
    <p className="chart-note" role="alert">
      {m.chart.olderFailed}
      <button type="button" className="button small" onClick={retry}>
        {m.shell.retry}
      </button>
    </p>
  );
}
