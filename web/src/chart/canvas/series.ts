/** Candles and volume as two series, fed with no more than what changed. */
import {
  CandlestickSeries,
  HistogramSeries,
  LineStyle,
  type CandlestickData,
  type HistogramData,
  type IChartApi,
  type UTCTimestamp,
} from "lightweight-charts";
import type { Candle } from "../candles";
import { volumeText } from "../decimals";
import type { Colours } from "./scene";

const VEILED = "66"; // an alpha: volume stays in the background

export function addCandles(chart: IChartApi) {
  const candles = chart.addSeries(CandlestickSeries, { priceLineStyle: LineStyle.Dotted }, 0);
  const volume = chart.addSeries(
    HistogramSeries,
    { priceLineVisible: false, lastValueVisible: false, priceFormat: { type: "custom", formatter: volumeText, minMove: 0.01 } },
    1,
  );
  volume.priceScale().applyOptions({ scaleMargins: { top: 0.2, bottom: 0 } });
  chart.panes()[0]?.setStretchFactor(5);
  chart.panes()[1]?.setStretchFactor(1);
  let shown: readonly Candle[] = [];
  let tint: (candle: Candle) => string = () => "";

  const bar = (candle: Candle): CandlestickData => ({ ...candle, time: seconds(candle) });
  const column = (candle: Candle): HistogramData => ({
    time: seconds(candle),
    value: candle.volume,
    color: tint(candle),
  });
  const setAll = () => {
    candles.setData(shown.map(bar));
    volume.setData(shown.map(column));
  };
  return {
    candles,
    count: () => shown.length,
    setCandles: (next: readonly Candle[]) => {
      const moved = movedTail(shown, next);
      shown = next;
      if (!moved) setAll();
      for (const candle of moved ?? []) {
        candles.update(bar(candle));
        volume.update(column(candle));
      }
    },
    setColours: (colours: Colours) => {
      const { up, down } = colours;
      candles.applyOptions({ upColor: up, downColor: down, borderUpColor: up, borderDownColor: down });
      candles.applyOptions({ wickUpColor: up, wickDownColor: down, priceLineColor: colours.text });
      tint = (candle) => (candle.close >= candle.open ? up : down) + VEILED;
      setAll();
    },
    setPriceFormat: (formatter: (price: number) => string, decimals: number) => {
      candles.applyOptions({ priceFormat: { type: "custom", formatter, minMove: 10 ** -decimals } });
    },
  };
}

/** The last candles, where nothing else differs between the two: a tick must not cost setting thousands. */
export function movedTail(before: readonly Candle[], after: readonly Candle[]): readonly Candle[] | null {
  const kept = before.length - 1;
  const grew = after.length - before.length;
  if (kept < 1 || grew < 0 || grew > 1) return null;
  const same = before[0] === after[0] && before[kept - 1] === after[kept - 1];
  return same && before[kept]?.time === after[kept]?.time ? after.slice(kept) : null;
}

function seconds(candle: Candle): UTCTimestamp {
  return (candle.time / 1000) as UTCTimestamp;
}
