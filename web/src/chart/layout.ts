/** What is shown around the chart. */
export interface ChartLayout {
  /** Whether the watchlist is shown. */
  listed: boolean;
  setListed: (listed: boolean) => void;
  /** Whether the chart has the whole screen. */
  full: boolean;
  setFull: (full: boolean) => void;
}
