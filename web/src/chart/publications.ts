/** Past publications of one market for the history slider. Pure. */

export interface Publication {
  candle_at: string;
  analyzed_at: string;
}

/** Sort for the slider, oldest first, one per `analyzed_at`. */
export function sortOldestFirst<P extends Publication>(newestFirst: readonly P[]): P[] {
  const known = new Map(newestFirst.map((one) => [one.analyzed_at, one]));
  return [...known.values()].sort((one, other) => Date.parse(one.analyzed_at) - Date.parse(other.analyzed_at));
}

/** Return the newest of `ordered` published by `at` (RFC 3339), as `?at=` does; null when all are newer. */
export function findPublication<P extends Publication>(ordered: readonly P[], at: string): P | null {
  const time = Date.parse(at);
  return ordered.findLast((one) => Date.parse(one.analyzed_at) <= time) ?? null;
}
