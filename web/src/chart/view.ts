/** How the chart is drawn: choices that are kept in the browser. */
import { usePreference, useSwitch } from "../ui/usePreference";
import { setZone, useZone, type Zone } from "../ui/timeZone";

export const CANDLE_COLOURS = ["neutral", "green", "red"] as const;
/** `green`: green rises and red falls; `red`: red rises; `neutral`: light rises, and colours are left to levels. */
export type CandleColours = (typeof CANDLE_COLOURS)[number];

export interface View {
  /** Fit the price scale to all levels, or to the candles only. */
  fitLevels: boolean;
  logarithmic: boolean;
  candles: CandleColours;
  zone: Zone;
  /** The levels as a table in place of the canvas. */
  table: boolean;
}

export function useView(): { view: View; change: (next: Partial<View>) => void } {
  const [fitLevels, setFit] = useSwitch("fit-levels", false);
  const [logarithmic, setLogarithmic] = useSwitch("logarithmic", false);
  const [candles, setCandles] = usePreference<CandleColours>("candles", CANDLE_COLOURS);
  const [table, setTable] = useSwitch("level-table", false);
  const zone = useZone();
  const change = (next: Partial<View>) => {
    if (next.fitLevels !== undefined) setFit(next.fitLevels);
    if (next.logarithmic !== undefined) setLogarithmic(next.logarithmic);
    if (next.candles !== undefined) setCandles(next.candles);
    if (next.table !== undefined) setTable(next.table);
    if (next.zone !== undefined) setZone(next.zone);
  };
  return { view: { fitLevels, logarithmic, candles, zone, table }, change };
}
