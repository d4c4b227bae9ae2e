import type { components } from "../api/schema";
import type { Question } from "./question";

export type NearLevel = components["schemas"]["NearLevel"];

const RANKS: Readonly<Record<Exclude<Question["sort"], "distance">, (level: NearLevel) => number>> = {
  reach: (level) => level.p_reach_100 ?? 0,
  touches: (level) => level.touches,
  score: (level) => level.score,
};

/** Sort levels, which come nearest first: by `sort`, the highest first, and equal ones by distance. */
export function sortLevels(levels: readonly NearLevel[], sort: Question["sort"]): readonly NearLevel[] {
  if (sort === "distance") return levels;
  const rank = RANKS[sort];
  return levels.toSorted((a, b) => rank(b) - rank(a));
}
