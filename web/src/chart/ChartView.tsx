import { useState } from "react";
import { useMessages } from "../i18n/language";
import type { FeedState } from "./candleFeed";
import { AxisPlus } from "./AxisPlus";
import { ChartTools } from "./ChartTools";
import type { DrawnLevel, Hit } from "./hitTest";
import { Legend } from "./Legend";
import type { Watch } from "./marketWatches";
import { useChart, type ChartInput } from "./useChart";
import { usePricePress } from "./usePricePress";
import { WatchHandles, type Move } from "./WatchHandles";

interface Props extends ChartInput {
  label: string;
  older: FeedState["older"];
  loadOlder: () => void;
  onClick: (hit: Hit) => void;
  /** Called with the id of the level under the pointer, or null. */
  onHighlight: (id: string | null) => void;
  onDrawn: (drawn: readonly DrawnLevel[]) => void;
  /** Called with a price that is to be watched; null for the last one. */
  onPrice: (price: number | null) => void;
  watches: readonly Watch[];
  onMove: (move: Move | null) => void;
  onDrop: (watch: Watch, price: number) => void;
}

/** The chart with its legend and tools. Remount it for another market or timeframe. */
export function ChartView({ label, older, loadOlder, onClick, onHighlight, onDrawn, onPrice, watches, onMove, onDrop, ...input }: Props) {
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
  const pick = usePricePress(chart?.prices ?? null, decimals, onPrice);
  return (
    <div className="chart-view">
      <Legend candle={candles.findLast(({ time }) => time === hovered) ?? candles.at(-1)} format={format} />
      <div ref={ref} className="chart-canvas" role="img" aria-label={label} data-testid="chart" data-candles={candles.length} />
      {chart && <AxisPlus link={chart.prices} onPrice={pick} />}
      {chart && <WatchHandles link={chart.prices} {...{ watches, format, decimals, onMove, onDrop }} />}
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
