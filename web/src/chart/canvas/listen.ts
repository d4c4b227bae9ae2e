/** What people do to the chart, in the page's words: which level they click or point at, and how far back they look. */
import type { IChartApi, MouseEventParams, Time } from "lightweight-charts";
import { type DrawnLevel, type Hit, hitAt, REACH } from "../hitTest";

const BARS_AHEAD = 60; // unseen candles left of the view below which older ones are asked for

export interface Hearing {
  onClick: (hit: Hit) => void;
  /** `time`: open time (ms) of the candle pointed at. */
  onHover: (hit: Hit | null, time: number | null) => void;
  onDrawn: (drawn: readonly DrawnLevel[]) => void;
  onNeedOlder: () => void;
}

/** Returns what ends it. */
export function listen(
  chart: IChartApi,
  element: HTMLElement,
  hearing: Hearing,
  drawn: () => readonly DrawnLevel[],
): () => void {
  const hitOf = ({ point, paneIndex }: MouseEventParams): Hit | null =>
    point && paneIndex === 0 ? hitAt(point.y, drawn(), reach()) : null;
  const clicked = (event: MouseEventParams) => {
    const hit = hitOf(event);
    if (hit) hearing.onClick(hit);
  };
  const moved = (event: MouseEventParams) => {
    const hit = hitOf(event);
    element.style.cursor = hit?.part === "line" ? "pointer" : "";
    hearing.onHover(hit, event.time === undefined ? null : ms(event.time));
  };
  const scrolled = (range: { from: number } | null) => {
    if (range && range.from < BARS_AHEAD) hearing.onNeedOlder();
  };
  chart.subscribeClick(clicked);
  // A second click soon after a first one nearby is told as a double click alone: it may be on the line beside.
  chart.subscribeDblClick(clicked);
  chart.subscribeCrosshairMove(moved);
  chart.timeScale().subscribeVisibleLogicalRangeChange(scrolled);
  return () => {
    chart.unsubscribeClick(clicked);
    chart.unsubscribeDblClick(clicked);
    chart.unsubscribeCrosshairMove(moved);
    chart.timeScale().unsubscribeVisibleLogicalRangeChange(scrolled);
  };
}

function reach(): number {
  return matchMedia("(pointer: coarse)").matches ? REACH.touch : REACH.mouse;
}

function ms(time: Time): number {
  return (time as number) * 1000; // all of ours are seconds
}
