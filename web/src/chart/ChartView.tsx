import { useState } from "react";
import { useMessages } from "../i18n/language";
import type { Feed } from "./candleFeed";
import { ChartTools } from "./ChartTools";
import type { DrawnLevel, Hit } from "./hitTest";
import { Legend } from "./Legend";
import { useChart, type Charted } from "./useChart";

interface Shown extends Charted {
  label: string;
  older: Feed["older"];
  loadOlder: () => void;
  onClick: (hit: Hit) => void;
  /** The level pointed at, or none. */
  onPoint: (id: string | null) => void;
  onDrawn: (drawn: readonly DrawnLevel[]) => void;
}

/** The chart with what lies upon it. Mount anew for another market or timeframe. */
export function ChartView({ label, older, loadOlder, onClick, onPoint, onDrawn, ...charted }: Shown) {
  const { candles, format } = charted;
  const [hovered, setHovered] = useState<number | null>(null);
  const { ref, chart } = useChart(charted, {
    onClick,
    onDrawn,
    onHover: (hit, time) => {
      onPoint(hit?.id ?? null);
      setHovered(time);
    },
    // After a failure only a person asks again: scrolling would ask many times a second.
    onNeedOlder: () => {
      if (older === "idle") loadOlder();
    },
  });
  return (
    <div className="chart-view">
      <Legend candle={candles.findLast(({ time }) => time === hovered) ?? candles.at(-1)} format={format} />
      <div ref={ref} className="chart-canvas" role="img" aria-label={label} data-testid="chart" data-candles={candles.length} />
      <Older state={older} retry={loadOlder} />
      <ChartTools chart={chart} />
    </div>
  );
}

function Older({ state, retry }: { state: Feed["older"]; retry: () => void }) {
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
