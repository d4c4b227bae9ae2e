/** The chart's colours, read from the same CSS tokens as the page's: `styles/tokens.css` and `chart.css`. */
import type { Colours } from "./scene";

const TOKENS: Record<keyof Colours, string> = {
  surface: "--panel",
  text: "--muted",
  grid: "--chart-grid",
  border: "--line",
  up: "--candle-up",
  down: "--candle-down",
  support: "--support",
  resistance: "--resistance",
  watch: "--warn",
  onMark: "--on-accent",
  veil: "--chart-veil",
};

export function readColours(root: Element = document.documentElement): Colours {
  const style = getComputedStyle(root);
  const entries = Object.entries(TOKENS).map(([name, token]) => [name, style.getPropertyValue(token).trim()]);
  return Object.fromEntries(entries) as Colours;
}
