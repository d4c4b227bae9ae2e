import { useMemo } from "react";
import { formatScore } from "../format/price";
import { useMessages } from "../i18n/language";
import type { Candle } from "./candles";
import type { Scene, SceneWatch } from "./canvas/scene";
import type { ShownLevel } from "./shownLevels";
import { visitsOf } from "./visits";

interface Drawn {
  candles: readonly Candle[];
  levels: readonly ShownLevel[];
  watches: readonly SceneWatch[];
  pointed: string | null;
  /** The level whose touches are marked. */
  touched: string | null;
  veiledAfter: number | null;
}

/** What the page knows, as the chart draws it. */
export function useScene({ candles, levels, watches, pointed, touched, veiledAfter }: Drawn): Scene {
  const m = useMessages().chart;
  const lines = useMemo(
    () =>
      levels.map(({ id, side, price, low, high, evidence }) => {
        const label = side === "support" ? m.supportLabel : m.resistanceLabel;
        return { id, side, price, low, high, label: evidence ? label(formatScore(evidence.score)) : "" };
      }),
    [levels, m],
  );
  const marked = levels.find(({ id, evidence }) => id === touched && evidence);
  // Visits that a price moves within the last candle are not worth walking through all candles for.
  const closed = candles.at(-1)?.time;
  const touches = useMemo(() => {
    if (!marked) return null;
    const { id, low, high } = marked;
    return { low, high, visits: visitsOf(candles, { level_id: id, low, high }) };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `closed` and the length stand for the candles
  }, [marked, closed, candles.length]);
  return useMemo(
    () => ({ levels: lines, chosen: pointed ?? touched, watches, touches, veiledAfter }),
    [lines, pointed, touched, watches, touches, veiledAfter],
  );
}
