/** Reads fires that the stream did not deliver, from a cursor of the server on: no clock of this browser is involved. */
import { get } from "../api/client";
import type { components } from "../api/schema";
import { Problem } from "../api/problem";

export type MarketFire = components["schemas"]["MarketFire"];
type FireList = components["schemas"]["FireList"];

/** What this browser has shown: up to which cursor, and the ids of the last fires, which the server may repeat. */
export interface FireLog {
  cursor: string | null;
  seen: readonly string[];
}

export const EMPTY_LOG: FireLog = { cursor: null, seen: [] };
const KEY = "strandline.fires";
const MAX_SEEN = 500;
const PAGE_SIZE = 500;
/** Bounds what a browser reads that was away for weeks. */
const MAX_PAGES = 20;

/** Return the log without the oldest ids that are too many, and with those of `fires`. */
export function addSeen(log: FireLog, ids: readonly string[]): FireLog {
  const seen = log.seen.filter((id) => !ids.includes(id));
  return { ...log, seen: [...seen, ...ids].slice(-MAX_SEEN) };
}

/** Return the fires that are not in the log, oldest first. */
export function selectUnseen<F extends { fire_id: string }>(fires: readonly F[], log: FireLog): F[] {
  return fires.filter(({ fire_id }) => !log.seen.includes(fire_id));
}

/** Read all fires after the cursor; without one, only a cursor to begin at. */
export async function readFiresAfter(cursor: string | null, signal?: AbortSignal): Promise<{ fires: MarketFire[]; cursor: string }> {
  const fires: MarketFire[] = [];
  let page = await readPage(cursor, signal);
  for (let count = 1; fires.push(...page.data), page.has_more && count < MAX_PAGES; count += 1) {
    page = await readPage(page.cursor, signal);
  }
  return { fires, cursor: page.cursor };
}

/** Load the log that an earlier visit left; an empty one where there is none. */
export function loadFireLog(): FireLog {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? "") as Partial<FireLog> | null;
    if (typeof stored?.cursor !== "string" || !Array.isArray(stored.seen)) return EMPTY_LOG;
    return { cursor: stored.cursor, seen: stored.seen.filter((id) => typeof id === "string") };
  } catch {
    return EMPTY_LOG;
  }
}

export function saveFireLog(log: FireLog): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(log));
  } catch {
    // Private windows of some browsers refuse to store.
  }
}

async function readPage(cursor: string | null, signal?: AbortSignal): Promise<FireList> {
  const read = (after: string | null) => get("/api/v1/fires", { query: { after, limit: PAGE_SIZE }, signal });
  try {
    return await read(cursor);
  } catch (error) {
    // A cursor of another version of the server: begin again, rather than fail for ever.
    if (cursor !== null && error instanceof Problem && error.status === 422) return read(null);
    throw error;
  }
}
