/** How the chart looks and behaves, whatever is on it. */
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
      // Its logo brings an inline style sheet, which our content security policy refuses: the page's footer credits
      // TradingView with the notice and the link that the licence asks for.
      attributionLogo: false,
    },
    grid: { vertLines: { color: colours.grid }, horzLines: { color: colours.grid } },
    crosshair: { mode: CrosshairMode.Normal },
    rightPriceScale: { borderColor: colours.border, scaleMargins: { top: 0.08, bottom: 0.06 }, minimumWidth: 72, entireTextOnly: true },
    timeScale: { borderColor: colours.border, timeVisible: true, secondsVisible: false, minBarSpacing: 0.8 },
  };
}
