/** What is drawn, in the chart's own words: no event and no React in here. Prices are numbers, times ms. */
import type { Visit } from "../visits";

export interface SceneLevel {
  id: string;
  side: "support" | "resistance";
  price: number;
  low: number;
  high: number;
  /** What stands at the line's end beside the price: its strength. */
  label: string;
}

export interface SceneWatch {
  id: string;
  price: number;
  label: string;
}

/** The visits to one zone. */
export interface SceneTouches {
  low: number;
  high: number;
  visits: readonly Visit[];
}

export interface Scene {
  levels: readonly SceneLevel[];
  /** The level that is pointed at or chosen: drawn stronger. */
  chosen: string | null;
  watches: readonly SceneWatch[];
  touches: SceneTouches | null;
  /** What the levels shown could not know yet: later than the candle opened at this time. */
  veiledAfter: number | null;
}

export interface Colours {
  surface: string;
  text: string;
  grid: string;
  border: string;
  up: string;
  down: string;
  support: string;
  resistance: string;
  watch: string;
  /** Text upon the colours of levels and watches. */
  onMark: string;
  veil: string;
}
