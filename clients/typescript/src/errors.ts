/** What a call may throw. */

/** The base class of this package's errors. */
export class StrandlineError extends Error {
  override readonly name: string = "StrandlineError";
}

/** The server refused the call: `status` is HTTP's, the message is the server's explanation. */
export class Refused extends StrandlineError {
  override readonly name: string = "Refused";

  constructor(
    readonly status: number,
    readonly detail: string,
  ) {
    super(`${status}: ${detail}`);
  }
}

/** The server does not know the id or market (404). */
export class NotFound extends Refused {
  override readonly name = "NotFound";
}

/** The server could not be reached, or was busy (429, 502 to 504), until the retries were used up. */
export class Unavailable extends StrandlineError {
  override readonly name = "Unavailable";

  constructor(
    detail: string,
    /** What the server demands to wait. */
    readonly retryAfterMs?: number,
  ) {
    super(detail);
  }
}

/** A request ended without a result: `reason` is one of docs/events.md, such as `unknown_symbol`. */
export class AnalysisFailed extends StrandlineError {
  override readonly name = "AnalysisFailed";

  constructor(
    readonly requestId: string,
    readonly reason: string,
    detail: string,
  ) {
    super(`${reason}: ${detail}`);
  }
}

/** A request has not ended in the time given. It goes on: `client.job(requestId)` has its state. */
export class StillRunning extends StrandlineError {
  override readonly name = "StillRunning";

  constructor(
    readonly requestId: string,
    withinMs: number,
  ) {
    super(`request ${requestId} has not ended within ${withinMs} ms`);
  }
}
