/** Saving twice must not make two watches: the same draft is sent again under the key of its first attempt. */
import { bodyOf, type Draft, type WatchBody, type WatchSubject } from "./draft";

export interface Attempt {
  draft: Draft;
  body: WatchBody;
}

/** `last` again where nothing was changed since; null while the draft is not complete. */
export function attempt(draft: Draft, subject: WatchSubject, last: Attempt | null, now: number): Attempt | null {
  if (last?.draft === draft) return last;
  const body = bodyOf(draft, subject, now);
  return body && { draft, body: { ...body, client_key: newKey() } };
}

function newKey(): string {
  // randomUUID is kept from pages that came over plain HTTP.
  const random = crypto.getRandomValues(new Uint8Array(16));
  return `web-${Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
