import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefCallback } from "react";
import { useLanguage } from "../i18n/language";
import { useTheme } from "../ui/theme";
import type { Candle } from "./candles";
import { readColours } from "./canvas/colours";
import type { ChartHandlers } from "./canvas/listen";
import { openChart, type CandleChart } from "./canvas/openChart";
import type { Scene } from "./canvas/scene";
import type { View } from "./view";

export interface ChartInput {
  candles: readonly Candle[];
  scene: Scene;
  format: (price: number) => string;
  decimals: number;
  view: View;
}

/** A chart in the element with `ref` that follows `input`; `chart` is null until it is open. */
export function useChart(input: ChartInput, handlers: ChartHandlers): { ref: RefCallback<HTMLElement>; chart: CandleChart | null } {
  const [chart, setChart] = useState<CandleChart | null>(null);
  const latest = useRef(handlers);
  useLayoutEffect(() => {
    latest.current = handlers;
  });
  const { zone } = input.view;
  const ref = useCallback((element: HTMLElement | null) => {
    if (!element) return;
    const open = openChart(element, readColours(), zone, {
      onClick: (hit) => latest.current.onClick(hit),
      onHover: (hit, time) => latest.current.onHover(hit, time),
      onDrawn: (levels) => latest.current.onDrawn(levels),
      onNeedOlder: () => latest.current.onNeedOlder(),
    });
    setChart(open);
    return () => {
      latest.current.onDrawn([]);
      setChart(null);
      open.close();
    };
  }, [zone]);

  const { theme } = useTheme();
  const { locale } = useLanguage();
  const { candles, scene, format, decimals, view } = input;
  useLayoutEffect(() => {
    document.documentElement.dataset["candles"] = view.candles;
    chart?.setColours(readColours());
  }, [chart, theme, view.candles]);
  useEffect(() => chart?.setLocale(locale), [chart, locale]);
  useEffect(() => chart?.setPriceFormat(format, decimals), [chart, format, decimals]);
  useEffect(() => chart?.setScene(scene), [chart, scene]);
  useEffect(() => chart?.setFit(view.fitLevels), [chart, view.fitLevels]);
  useEffect(() => chart?.setLogarithmic(view.logarithmic), [chart, view.logarithmic]);
  useEffect(() => chart?.setCandles(candles), [chart, candles]);
  const hasCandles = candles.length > 0;
  useEffect(() => {
    if (hasCandles) chart?.showNewest();
  }, [chart, hasCandles]);
  return { ref, chart };
}
