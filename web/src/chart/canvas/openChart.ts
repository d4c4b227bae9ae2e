/** One chart in one element: the shell around lightweight-charts that the page talks to. */
import { createChart, createSeriesMarkers } from "lightweight-charts";
import type { Candle } from "../candles";
import type { DrawnLevel } from "../hitTest";
import { makeBands } from "./bands";
import { listen, type Hearing } from "./listen";
import { chartOptions } from "./options";
import { levelLines, makePriceLines, watchLines } from "./priceLines";
import type { Colours, Scene } from "./scene";
import { addCandles } from "./series";
import { touchMarkers } from "./touchMarkers";

const ROOM_RIGHT = 8; // bars between the last candle and the axis, where the labels stand
const PIXELS_A_BAR = 7;
const LEAST_BARS = 50;

export interface CandleChart {
  setCandles: (candles: readonly Candle[]) => void;
  setScene: (scene: Scene) => void;
  setColours: (colours: Colours) => void;
  /** A BCP 47 tag, for the dates on the time axis. */
  setLocale: (locale: string) => void;
  setPriceFormat: (formatter: (price: number) => string, decimals: number) => void;
  /** Whether the price scale makes room for all levels, or for the candles alone. */
  setFit: (levels: boolean) => void;
  /** The newest candles, as many as are well seen, and the price scale back in its own hands. */
  showNewest: () => void;
  scroll: (bars: number) => void;
  zoom: (factor: number) => void;
  close: () => void;
}

export function openChart(element: HTMLElement, first: Colours, hearing: Hearing): CandleChart {
  const chart = createChart(element, chartOptions(first));
  const series = addCandles(chart);
  let colours = first;
  let scene: Scene = { levels: [], chosen: null, watches: [], touches: null, veiledAfter: null };
  let drawn: readonly DrawnLevel[] = [];
  const bands = makeBands(first, (next) => {
    drawn = next;
    hearing.onDrawn(next);
  });
  series.candles.attachPrimitive(bands);
  const levels = makePriceLines(series.candles);
  const watches = makePriceLines(series.candles);
  const markers = createSeriesMarkers(series.candles, [], { autoScale: false });
  const stopListening = listen(chart, element, hearing, () => drawn);

  const paint = () => {
    bands.show(scene, colours);
    levels.show(levelLines(scene.levels, scene.chosen, colours));
    watches.show(watchLines(scene.watches, colours));
    markers.setMarkers(touchMarkers(scene.touches, colours));
  };
  const scaleItself = () => series.candles.priceScale().applyOptions({ autoScale: true });
  series.setColours(first);
  return {
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
    setLocale: (locale) => chart.applyOptions({ localization: { locale, dateFormat: "yyyy-MM-dd" } }),
    setPriceFormat: series.setPriceFormat,
    setFit(levels) {
      bands.setFit(levels);
      scaleItself(); // whoever dragged the scale before wants it back now
    },
    showNewest() {
      const last = series.count() - 1;
      const bars = Math.max(LEAST_BARS, Math.round(chart.timeScale().width() / PIXELS_A_BAR));
      chart.timeScale().setVisibleLogicalRange({ from: last - bars, to: last + ROOM_RIGHT });
      scaleItself();
    },
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
