/** The analyses asked for in this tab, and what became of each: pure. */

export type JobState = "queued" | "completed" | "failed";

export interface Asked {
  requestId: string;
  exchange: string;
  market_type: string;
  symbol: string;
  timeframe: string;
  state: JobState;
  /** ms. */
  askedAt: number;
  endedAt?: number;
  reason?: string;
  message?: string;
}

/** So many are shown. */
const KEPT = 8;

export function begun(known: readonly Asked[], one: Asked): Asked[] {
  return [one, ...known.filter((other) => other.requestId !== one.requestId)].slice(0, KEPT);
}

interface End {
  state: JobState;
  reason?: string | null | undefined;
  message?: string | null | undefined;
}

/** What is told twice, by the stream and by the job itself, changes nothing the second time. */
export function ended(known: readonly Asked[], requestIds: readonly string[], end: End, now: number): readonly Asked[] {
  if (end.state === "queued") return known;
  const hit = (one: Asked) => one.state === "queued" && requestIds.includes(one.requestId);
  if (!known.some(hit)) return known;
  return known.map((one) =>
    hit(one)
      ? {
          ...one,
          state: end.state,
          endedAt: now,
          ...(end.reason ? { reason: end.reason } : {}),
          ...(end.message ? { message: end.message } : {}),
        }
      : one,
  );
}
