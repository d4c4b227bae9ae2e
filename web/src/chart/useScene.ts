import { useMemo } from "react";
import { formatScore } from "../format/price";
import { useMessages } from "../i18n/language";
import type { Candle } from "./candles";
import type { Scene, SceneWatch } from "./canvas/scene";
import type { DisplayLevel } from "./displayLevels";
import { toLifeMarks, type LevelEvent } from "./levelLife";
import { findStart, findVisits } from "./visits";

interface SceneInput {
  candles: readonly Candle[];
  levels: readonly DisplayLevel[];
  watches: readonly SceneWatch[];
  highlighted: string | null;
  /** The level whose touches are marked. */
  touchesOf: string | null;
  /** What happened to that level. */
  life?: readonly LevelEvent[];
  veiledAfter: number | null;
}

const NO_EVENTS: readonly LevelEvent[] = [];

/** Build the scene that the chart draws. */
export function useScene({ candles, levels, watches, highlighted, touchesOf, life = NO_EVENTS, veiledAfter }: SceneInput): Scene {
  const m = useMessages().chart;
  const lines = useMemo(
    () =>
      levels.map(({ id, side, price, low, high, evidence, timeframe, meets }) => {
        const name = side === "support" ? m.supportLabel : m.resistanceLabel;
        const since = evidence ? findStart(evidence) : null;
        const minor = timeframe !== undefined;
        const own = evidence ? name(minor ? "" : formatScore(evidence.score)) : "";
        const label = [timeframe, own.trim(), meets?.length && m.others.mark].filter(Boolean).join(" ");
        return { id, side, price, low, high, since, label, minor };
      }),
    [levels, m],
  );
  const marked = levels.find(({ id, evidence }) => id === touchesOf && evidence);
  // Prices within the last candle do not recompute the visits: that would walk through all candles for each tick.
  const lastOpen = candles.at(-1)?.time;
  const touches = useMemo(() => {
    if (!marked) return null;
    const { id, low, high } = marked;
    return { low, high, visits: findVisits(candles, { level_id: id, low, high }), life: toLifeMarks(life, candles) };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `lastOpen` and the length stand for the candles
  }, [marked, life, lastOpen, candles.length]);
  return useMemo(
    () => ({ levels: lines, highlighted: highlighted ?? touchesOf, watches, touches, veiledAfter }),
    [lines, highlighted, touchesOf, watches, touches, veiledAfter],
  );
}
