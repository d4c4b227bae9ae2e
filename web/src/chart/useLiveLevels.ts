import { useMemo } from "react";
import { applyLivePrice, type DisplayLevel } from "./displayLevels";

/** The levels with the sides of the live price; the same array until a side changes. A null price leaves them as they are. */
export function useLiveLevels(levels: readonly DisplayLevel[], last: number | null): readonly DisplayLevel[] {
  const live = last === null || last <= 0 ? levels : applyLivePrice(levels, last);
  const sides = live.map(({ side }) => side).join();
  // eslint-disable-next-line react-hooks/exhaustive-deps -- `sides` stands for the live levels
  return useMemo(() => live, [levels, sides]);
}
