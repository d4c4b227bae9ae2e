/** The slider's past: publications of one market, and which of them was in force. Pure. */

export interface Published {
  candle_at: string;
  analyzed_at: string;
}

/** Oldest first, as a slider runs from left to right; one per `analyzed_at`. */
export function inOrder<P extends Published>(newestFirst: readonly P[]): P[] {
  const known = new Map(newestFirst.map((one) => [one.analyzed_at, one]));
  return [...known.values()].sort((one, other) => Date.parse(one.analyzed_at) - Date.parse(other.analyzed_at));
}

/** The newest of `ordered` published by `at` (RFC 3339), as `?at=` answers it; null where it is older than all. */
export function publishedBy<P extends Published>(ordered: readonly P[], at: string): P | null {
  const moment = Date.parse(at);
  return ordered.findLast((one) => Date.parse(one.analyzed_at) <= moment) ?? null;
}
