/** What people do to the chart, in the page's words: which level they click or point at, and how far back they look. */
import type { IChartApi, MouseEventParams, Time } from "lightweight-charts";
import { type DrawnLevel, type Hit, hitAt, REACH } from "../hitTest";
import { listenForClicks } from "./clicks";

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
  const clicked = (y: number) => {
    const hit = hitAt(y, drawn(), reach());
    if (hit) hearing.onClick(hit);
  };
  const moved = (event: MouseEventParams) => {
    const hit = event.point && event.paneIndex === 0 ? hitAt(event.point.y, drawn(), reach()) : null;
    element.style.cursor = hit?.part === "line" ? "pointer" : "";
    hearing.onHover(hit, event.time === undefined ? null : ms(event.time));
  };
  const scrolled = (range: { from: number } | null) => {
    if (range && range.from < BARS_AHEAD) hearing.onNeedOlder();
  };
  const stopClicks = listenForClicks(chart, element, clicked);
  chart.subscribeCrosshairMove(moved);
  chart.timeScale().subscribeVisibleLogicalRangeChange(scrolled);
  return () => {
    stopClicks();
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
