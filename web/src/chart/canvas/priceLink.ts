/** Connects elements over the chart with its price scale: the price under the pointer, and where a price is drawn. */
import type { IChartApi, ISeriesApi } from "lightweight-charts";
import { listenForPricePress } from "./pricePress";

/** Pixels from the top of the chart; null where the price is outside of the pane. */
export type Y = number | null;

export interface PriceLink {
  priceAt: (y: number) => number | null;
  /** Width of the price axis in pixels. */
  axisWidth: () => number;
  /** Call `onY` at once and whenever the place of `price` changes; returns the function that ends it. */
  place: (price: number, onY: (y: Y) => void) => () => void;
  /** Call `onY` with the height of the crosshair; null without one. */
  followCrosshair: (onY: (y: Y) => void) => () => void;
  /** Call `onPress` with the height of a right click or long press on the price pane. */
  followPresses: (onPress: (y: number) => void) => () => void;
}

/** Create the link of a series, which follows every painting. */
export function createPriceLink(chart: IChartApi, series: ISeriesApi<"Candlestick">, element: HTMLElement): PriceLink {
  const placed = new Map<object, { price: number; onY: (y: Y) => void; shown: Y | undefined }>();
  const paneHeight = () => chart.panes()[0]?.getHeight() ?? 0;
  const yOf = (price: number): Y => {
    const y = series.priceToCoordinate(price);
    return y !== null && y >= 0 && y <= paneHeight() ? y : null;
  };
  const update = () => {
    for (const entry of placed.values()) {
      const y = yOf(entry.price);
      if (y === entry.shown) continue;
      entry.shown = y;
      entry.onY(y);
    }
  };
  // It draws nothing: it is called whenever the chart paints.
  const views = [{ renderer: () => ({ draw: () => queueMicrotask(update) }) }];
  series.attachPrimitive({ paneViews: () => views });
  return {
    priceAt: (y) => series.coordinateToPrice(y),
    axisWidth: () => chart.priceScale("right").width(),
    place(price, onY) {
      const key = {};
      placed.set(key, { price, onY, shown: undefined });
      update();
      return () => placed.delete(key);
    },
    followCrosshair(onY) {
      const onMove = (event: { point?: { y: number }; paneIndex?: number }) => onY(event.point && event.paneIndex === 0 ? event.point.y : null);
      chart.subscribeCrosshairMove(onMove);
      return () => chart.unsubscribeCrosshairMove(onMove);
    },
    followPresses: (onPress) => listenForPricePress(element, paneHeight, onPress),
  };
}
