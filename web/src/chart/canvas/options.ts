/** Options of the chart that do not depend on its data. */
import { ColorType, CrosshairMode, type ChartOptions, type DeepPartial } from "lightweight-charts";
import type { Colours } from "./scene";

export function chartOptions(colours: Colours): DeepPartial<ChartOptions> {
  return {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: colours.surface },
      textColor: colours.text,
      fontFamily: "'Inter Variable', system-ui, sans-serif",
      fontSize: 11,
      panes: { separatorColor: colours.border, separatorHoverColor: colours.grid, enableResize: false },
      // The logo needs an inline style sheet, which our content security policy forbids. The page's footer has the notice
      // and the link that the licence requires.
      attributionLogo: false,
    },
    grid: { vertLines: { color: colours.grid }, horzLines: { color: colours.grid } },
    crosshair: { mode: CrosshairMode.Normal },
    rightPriceScale: { borderColor: colours.border, scaleMargins: { top: 0.08, bottom: 0.06 }, minimumWidth: 72, entireTextOnly: true },
    timeScale: { borderColor: colours.border, timeVisible: true, secondsVisible: false, minBarSpacing: 0.8 },
  };
}
