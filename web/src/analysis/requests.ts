/** The analyses requested in this tab and their outcomes. Pure. */

export type JobState = "queued" | "completed" | "failed";

export interface TrackedRequest {
  requestId: string;
  exchange: string;
  market_type: string;
  symbol: string;
  timeframe: string;
  state: JobState;
  /** ms. */
  requestedAt: number;
  endedAt?: number;
  reason?: string;
  message?: string;
}

export interface RequestOutcome {
  state: JobState;
  reason?: string | null | undefined;
  message?: string | null | undefined;
}

const MAX_REQUESTS = 8;

/** Put a request first; the oldest beyond MAX_REQUESTS are dropped. */
export function addRequest(requests: readonly TrackedRequest[], added: TrackedRequest): TrackedRequest[] {
  return [added, ...requests.filter((one) => one.requestId !== added.requestId)].slice(0, MAX_REQUESTS);
}

/**
 * End the queued requests among `requestIds`. The stream and the job both report an outcome: the second report changes
 * nothing, and the same array is returned.
 */
export function endRequests(
  requests: readonly TrackedRequest[],
  requestIds: readonly string[],
  outcome: RequestOutcome,
  now: number,
): readonly TrackedRequest[] {
  if (outcome.state === "queued") return requests;
  const ends = (one: TrackedRequest) => one.state === "queued" && requestIds.includes(one.requestId);
  if (!requests.some(ends)) return requests;
  return requests.map((one) =>
    ends(one)
      ? {
          ...one,
          state: outcome.state,
          endedAt: now,
          ...(outcome.reason ? { reason: outcome.reason } : {}),
          ...(outcome.message ? { message: outcome.message } : {}),
        }
      : one,
  );
}
