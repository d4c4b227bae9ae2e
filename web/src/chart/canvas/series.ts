/** Candles and volume as two series; only changes are passed on to the library. */
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
import { formatVolume } from "../decimals";
import type { Colours } from "./scene";

const VOLUME_ALPHA = "66";
/** Share of the smallest step below which a label of the axis is zero with a floating-point error. */
const NOISE = 1e-8;

export function addCandles(chart: IChartApi) {
  // The library's own label shows the last visible candle: scrolled back, that is not the price.
  const candles = chart.addSeries(CandlestickSeries, { priceLineVisible: false, lastValueVisible: false }, 0);
  const priceLine = candles.createPriceLine({
    price: 0,
    lineStyle: LineStyle.Dotted,
    lineVisible: false,
    axisLabelVisible: false,
    title: "",
  });
  const volume = chart.addSeries(
    HistogramSeries,
    { priceLineVisible: false, lastValueVisible: false, priceFormat: { type: "custom", formatter: formatVolume, minMove: 0.01 } },
    1,
  );
  volume.priceScale().applyOptions({ scaleMargins: { top: 0.2, bottom: 0 } });
  chart.panes()[0]?.setStretchFactor(5);
  chart.panes()[1]?.setStretchFactor(1);
  let shown: readonly Candle[] = [];
  let tint: (candle: Candle) => string = () => "";

  const showPrice = () => {
    const last = shown.at(-1);
    if (!last) {
      priceLine.applyOptions({ lineVisible: false, axisLabelVisible: false });
      return;
    }
    priceLine.applyOptions({
      price: last.close,
      color: tint(last),

      lineVisible: true,
      axisLabelVisible: true,
    });
  };
  const bar = (candle: Candle): CandlestickData => ({ ...candle, time: toSeconds(candle) });
  const column = (candle: Candle): HistogramData => ({
    time: toSeconds(candle),
    value: candle.volume,
    color: tint(candle) + VOLUME_ALPHA,
  });
  const setAll = () => {
    candles.setData(shown.map(bar));
    volume.setData(shown.map(column));
  };
  return {
    candles,
    count: () => shown.length,
    setCandles: (next: readonly Candle[]) => {
      const tail = findChangedTail(shown, next);
      shown = next;
      if (!tail) setAll();
      for (const candle of tail ?? []) {
        candles.update(bar(candle));
        volume.update(column(candle));
      }
      showPrice();
    },
    setColours: (colours: Colours) => {
      const { up, down } = colours;
      candles.applyOptions({ upColor: up, downColor: down, borderUpColor: up, borderDownColor: down });
      candles.applyOptions({ wickUpColor: up, wickDownColor: down });
      tint = (candle) => (candle.close >= candle.open ? up : down);

      setAll();
      showPrice();
    },
    setPriceFormat: (formatter: (price: number) => string, decimals: number) => {
      const minMove = 10 ** -decimals;
      const format = (price: number) => formatter(Math.abs(price) < minMove * NOISE ? 0 : price);
      // The base is exact where 1 / minMove is not.
      candles.applyOptions({ priceFormat: { type: "custom", formatter: format, minMove, base: 10 ** decimals } });
    },
  };
}

/** Return the changed last candles when nothing else differs, else null: a tick must not set thousands of candles. */
export function findChangedTail(before: readonly Candle[], after: readonly Candle[]): readonly Candle[] | null {
  const kept = before.length - 1;
  const grew = after.length - before.length;
  if (kept < 1 || grew < 0 || grew > 1) return null;
  const same = before[0] === after[0] && before[kept - 1] === after[kept - 1];
  return same && before[kept]?.time === after[kept]?.time ? after.slice(kept) : null;
}

function toSeconds(candle: Candle): UTCTimestamp {
  return (candle.time / 1000) as UTCTimestamp;
}
