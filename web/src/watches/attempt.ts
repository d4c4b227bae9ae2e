/** Saving twice must not create two watches: an unchanged draft is sent again with the key of its first attempt. */
import { buildBody, type Draft, type WatchBody, type WatchSubject } from "./draft";

export interface Attempt {
  draft: Draft;
  body: WatchBody;
}

/** Return `last` for an unchanged draft, a new attempt for a changed one, and null for an incomplete one. */
export function nextAttempt(draft: Draft, subject: WatchSubject, last: Attempt | null, now: number): Attempt | null {
  if (last?.draft === draft) return last;
  const body = buildBody(draft, subject, now);
  return body && { draft, body: { ...body, client_key: newKey() } };
}

function newKey(): string {
  // Browsers offer randomUUID only to pages loaded over HTTPS or from localhost.
  const random = crypto.getRandomValues(new Uint8Array(16));
  return `web-${Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
