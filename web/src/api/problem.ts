/** What the API says when it refuses: an RFC 9457 problem document, as an error one can throw. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly status: number,
    detail: string,
    /** The request that may or may not have been taken (a 503 on a write): safe to repeat. */
    readonly requestId?: string,
    /** Seconds. */
    readonly retryAfter?: number,
  ) {
    super(detail);
  }

  /** The API could not be reached at all. */
  get unreachable(): boolean {
    return this.status === 0;
  }

  /** Trying again later may go well. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The problem in a response that is not `ok`, whatever its body is. */
export async function problemOf(response: Response): Promise<Problem> {
  const body = await response.json().catch(() => null) as unknown;
  const wait = Number(response.headers.get("Retry-After"));
  return new Problem(
    response.status,
    text(body, "detail") ?? `${response.status} ${response.statusText}`.trim(),
    text(body, "request_id"),
    wait > 0 ? wait : undefined,
  );
}

function text(body: unknown, field: string): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const value = (body as Record<string, unknown>)[field];
  return typeof value === "string" ? value : undefined;
}
