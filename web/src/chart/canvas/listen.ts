/** Translates chart interaction for the page: the level that is clicked or hovered, and the need for older candles. */
import type { IChartApi, MouseEventParams, Time } from "lightweight-charts";
import { type DrawnLevel, type Hit, findHit, REACH } from "../hitTest";
import { listenForClicks } from "./clicks";

const BARS_AHEAD = 60; // fewer candles than these left of the view request older ones

export interface ChartHandlers {
  onClick: (hit: Hit) => void;
  /** `time` is the open time (ms) of the candle under the pointer. */
  onHover: (hit: Hit | null, time: number | null) => void;
  onDrawn: (drawn: readonly DrawnLevel[]) => void;
  onNeedOlder: () => void;
}

/** Subscribe the handlers to the chart; returns the unsubscribe function. */
export function listen(
  chart: IChartApi,
  element: HTMLElement,
  handlers: ChartHandlers,
  drawn: () => readonly DrawnLevel[],
): () => void {
  const onClick = (point: { x: number; y: number }) => {
    const hit = findHit(point, drawn(), currentReach());
    if (hit) handlers.onClick(hit);
  };
  const onMove = (event: MouseEventParams) => {
    const hit = event.point && event.paneIndex === 0 ? findHit(event.point, drawn(), currentReach()) : null;
    element.style.cursor = hit?.part === "line" ? "pointer" : "";
    handlers.onHover(hit, event.time === undefined ? null : toMs(event.time));
  };
  const onScroll = (range: { from: number } | null) => {
    if (range && range.from < BARS_AHEAD) handlers.onNeedOlder();
  };
  const stopClicks = listenForClicks(chart, element, onClick);
  chart.subscribeCrosshairMove(onMove);
  chart.timeScale().subscribeVisibleLogicalRangeChange(onScroll);
  return () => {
    stopClicks();
    chart.unsubscribeCrosshairMove(onMove);
    chart.timeScale().unsubscribeVisibleLogicalRangeChange(onScroll);
  };
}

function currentReach(): number {
  return matchMedia("(pointer: coarse)").matches ? REACH.touch : REACH.mouse;
}

function toMs(time: Time): number {
  return (time as number) * 1000; // all our series use UTC timestamps in seconds
}
