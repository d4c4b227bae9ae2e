/** A chart in one element: the page's interface to lightweight-charts. */
import { createChartEx, createSeriesMarkers, PriceScaleMode, type IChartApi, type IHorzScaleBehavior, type ITimeScaleApi, type TickMarkType, type Time, type UTCTimestamp } from "lightweight-charts";
import { formatStamp } from "../../format/zonedTime";
import type { Zone } from "../../ui/timeZone";
import type { Candle } from "../candles";
import type { DrawnLevel } from "../hitTest";
import { createBands } from "./bands";
import { createPriceLink, type PriceLink } from "./priceLink";
import { listen, type ChartHandlers } from "./listen";
import { chartOptions } from "./options";
import { toLevelLabels, createPriceLines, toWatchPriceLines } from "./priceLines";
import type { Colours, Scene } from "./scene";
import { addCandles } from "./series";
import { createTimeScale, formatTick } from "./timeAxis";
import { toTouchMarkers } from "./touchMarkers";

const RIGHT_MARGIN = 8; // bars between the last candle and the axis, for the labels
const PIXELS_PER_BAR = 7;
const MIN_BARS = 50;

export interface CandleChart {
  prices: PriceLink;
  setCandles: (candles: readonly Candle[]) => void;
  setScene: (scene: Scene) => void;
  setColours: (colours: Colours) => void;
  /** A BCP 47 tag, for the dates on the time axis. */
  setLocale: (locale: string) => void;
  setPriceFormat: (formatter: (price: number) => string, decimals: number) => void;
  /** Fit the price scale to candles and levels, or to the candles alone. */
  setFit: (levels: boolean) => void;
  setLogarithmic: (logarithmic: boolean) => void;
  /** Draw the chart, without the crosshair, on a canvas of its own. */
  draw: () => HTMLCanvasElement;
  /** Scroll to the newest candles at a readable zoom, and reset the price scale to automatic. */
  showNewest: () => void;
  /** Put the crosshair at a candle (open time in ms) and a price, and scroll there. */
  pointAt: (time: number, price: number) => void;
  clearPoint: () => void;
  scroll: (bars: number) => void;
  zoom: (factor: number) => void;
  close: () => void;
}

export function openChart(element: HTMLElement, first: Colours, zone: Zone, handlers: ChartHandlers): CandleChart {
  const chart = createChartEx<Time, IHorzScaleBehavior<Time>>(element, createTimeScale(zone), chartOptions(first)) as IChartApi;
  const series = addCandles(chart);
  let colours = first;
  let scene: Scene = { levels: [], highlighted: null, watches: [], touches: null, veiledAfter: null };
  let drawn: readonly DrawnLevel[] = [];
  const bands = createBands(first, (next) => {
    drawn = next;
    handlers.onDrawn(next);
  });
  series.candles.attachPrimitive(bands);
  const levels = createPriceLines(series.candles);
  const watches = createPriceLines(series.candles);
  const markers = createSeriesMarkers(series.candles, [], { autoScale: false });
  const stopListening = listen(chart, element, handlers, () => drawn);

  const paint = () => {
    bands.show(scene, colours);
    levels.show(toLevelLabels(scene.levels, colours));
    watches.show(toWatchPriceLines(scene.watches, colours));
    markers.setMarkers(toTouchMarkers(scene.touches, colours));
  };
  const autoScale = () => series.candles.priceScale().applyOptions({ autoScale: true });
  series.setColours(first);
  return {
    prices: createPriceLink(chart, series.candles, element),
    setCandles: series.setCandles,
    setScene(next) {
      scene = next;
      paint();
    },
    setColours(next) {
      colours = next;
      chart.applyOptions(chartOptions(next));
      series.setColours(next);
      paint();
    },
    setLocale: (locale) =>
      chart.applyOptions({
        localization: { locale, timeFormatter: (time: Time) => formatStamp((time as number) * 1000, zone) },
        timeScale: { tickMarkFormatter: (time: Time, type: TickMarkType) => formatTick(time, type, locale, zone) },
      }),
    setPriceFormat: series.setPriceFormat,
    setFit(levels) {
      bands.setFit(levels);
      autoScale(); // also after the scale was dragged by hand
    },
    setLogarithmic: (logarithmic) =>
      chart.priceScale("right").applyOptions({ mode: logarithmic ? PriceScaleMode.Logarithmic : PriceScaleMode.Normal }),
    draw: () => chart.takeScreenshot(true, false),
    showNewest() {
      const last = series.count() - 1;
      const bars = Math.max(MIN_BARS, Math.round(chart.timeScale().width() / PIXELS_PER_BAR));
      chart.timeScale().setVisibleLogicalRange({ from: last - bars, to: last + RIGHT_MARGIN });
      autoScale();
    },
    pointAt(time, price) {
      const at = (time / 1000) as UTCTimestamp;
      showCandle(chart.timeScale(), at);
      chart.setCrosshairPosition(price, at, series.candles);
    },
    clearPoint: () => chart.clearCrosshairPosition(),
    scroll: (bars) => {
      const scale = chart.timeScale();
      scale.scrollToPosition(scale.scrollPosition() + bars, false);
    },
    zoom: (factor) => {
      const scale = chart.timeScale();
      scale.applyOptions({ barSpacing: scale.options().barSpacing * factor });
    },
    close() {
      stopListening();
      chart.remove();
    },
  };
}

/** Scroll just as far as it takes to see a candle. */
function showCandle(scale: ITimeScaleApi<Time>, time: UTCTimestamp): void {
  const range = scale.getVisibleLogicalRange();
  const index = scale.timeToIndex(time, true);
  if (!range || index === null) return;
  const shift = index < range.from + 1 ? index - range.from - 1 : index > range.to - 1 ? index - range.to + 1 : 0;
  if (shift !== 0) scale.setVisibleLogicalRange({ from: range.from + shift, to: range.to + shift });
}
