/** The server's time, by the Date header of its answers: the browser's clock may be ahead or behind. */

const TOLERANCE_MS = 2000;
/** Above this the header's time is too uncertain. */
const MAX_ROUND_TRIP_MS = 2000;
/** A Date header has whole seconds. */
const HEADER_ROUNDING_MS = 500;

let offset = 0;
const listeners = new Set<() => void>();

export function serverNow(): number {
  return Date.now() + offset;
}

/** Learn the time from an answer to a request that was sent at `sentAt`, by the browser's clock. */
export function observeDate(header: string | null, sentAt: number, receivedAt = Date.now()): void {
  const time = Date.parse(header ?? "");
  if (Number.isNaN(time) || receivedAt < sentAt || receivedAt - sentAt > MAX_ROUND_TRIP_MS) return;
  const found = time + HEADER_ROUNDING_MS - (sentAt + receivedAt) / 2;
  const next = Math.abs(found) <= TOLERANCE_MS ? 0 : found;
  if (Math.abs(next - offset) <= TOLERANCE_MS) return;
  offset = next;
  for (const listener of listeners) listener();
}

/** Call `listener` whenever the difference between the clocks changes; returns how to stop that. */
export function onClockChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
