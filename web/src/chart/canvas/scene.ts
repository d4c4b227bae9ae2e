/** What the chart draws, independent of events and React. Prices are numbers, times are in ms. */
import type { LifeMark } from "../levelLife";
import type { Visit } from "../visits";

export interface SceneLevel {
  id: string;
  side: "support" | "resistance";
  price: number;
  low: number;
  high: number;
  /** Open time of the candle at which it begins; null where that is not known. */
  since: number | null;
  /** Drawn weaker: of another timeframe than the levels that the chart is about. */
  minor: boolean;
  /** Text at the line's end beside the price. */
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
  life: readonly LifeMark[];
}

export interface Scene {
  levels: readonly SceneLevel[];
  /** Id of the level that is drawn stronger. */
  highlighted: string | null;
  watches: readonly SceneWatch[];
  touches: SceneTouches | null;
  /** Shade everything after the candle with this open time: the displayed levels did not know it. */
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
  /** Text on the colours of levels and watches. */
  onMark: string;
  veil: string;
}
