/** The labels of levels at the price axis, whose lines `bands.ts` draws, and the solid lines of watches. */
import { LineStyle, type CreatePriceLineOptions, type IPriceLine, type ISeriesApi } from "lightweight-charts";
import type { Colours, SceneLevel, SceneWatch } from "./scene";

type Series = ISeriesApi<"Candlestick">;

export interface PriceLines {
  /** Add new lines, update changed ones and remove missing ones. */
  show: (wanted: ReadonlyMap<string, CreatePriceLineOptions>) => void;
}

export function createPriceLines(series: Series): PriceLines {
  const lines = new Map<string, IPriceLine>();
  return {
    show(wanted) {
      for (const [id, line] of lines) {
        if (wanted.has(id)) continue;
        series.removePriceLine(line);
        lines.delete(id);
      }
      for (const [id, options] of wanted) {
        const line = lines.get(id);
        if (line) line.applyOptions(options);
        else lines.set(id, series.createPriceLine(options));
      }
    },
  };
}

export function toLevelLabels(
  levels: readonly SceneLevel[],
  colours: Colours,
): Map<string, CreatePriceLineOptions> {
  return new Map(
    levels.map(({ id, side, price, label, minor }) => [
      id,
      {
        price,
        color: colours[side],
        lineVisible: false,
        axisLabelVisible: true,
        axisLabelColor: minor ? colours.surface : colours[side],
        axisLabelTextColor: minor ? colours[side] : colours.onMark,
        title: label,
      },
    ]),
  );
}

export function toWatchPriceLines(watches: readonly SceneWatch[], colours: Colours): Map<string, CreatePriceLineOptions> {
  return new Map(
    watches.map(({ id, price, label }) => [
      id,
      {
        price,
        color: colours.watch,
        lineStyle: LineStyle.Solid,
        lineWidth: 1,
        axisLabelVisible: true,
        axisLabelTextColor: colours.onMark,
        title: label,
      },
    ]),
  );
}
