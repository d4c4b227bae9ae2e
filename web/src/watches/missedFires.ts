import type { Watch } from "./draft";

/** Return the watches that fired after `since` (ms), oldest fire first. */
export function selectFiredSince(watches: readonly Watch[], since: number): Watch[] {
  const at = (watch: Watch) => (watch.last_fired_at ? Date.parse(watch.last_fired_at) : 0);
  return watches.filter((watch) => at(watch) > since).sort((a, b) => at(a) - at(b));
}


