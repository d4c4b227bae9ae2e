/** A failed API call: the RFC 9457 problem document of the response as an Error. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly status: number,
    detail: string,
    /** Id of a request that may or may not have been accepted (a 503 on a write); safe to repeat. */
    readonly requestId?: string,
    /** Seconds. */
    readonly retryAfter?: number,
  ) {
    super(detail);
  }

  /** No response arrived. */
  get isUnreachable(): boolean {
    return this.status === 0;
  }

  /** A later retry may succeed. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Read the problem of a response that is not `ok`; its body need not be a problem document. */
export async function readProblem(response: Response): Promise<Problem> {
  const body = await response.json().catch(() => null) as unknown;
  const wait = Number(response.headers.get("Retry-After"));
  return new Problem(
    response.status,
    textField(body, "detail") ?? `${response.status} ${response.statusText}`.trim(),
    textField(body, "request_id"),
    wait > 0 ? wait : undefined,
  );
}

function textField(body: unknown, field: string): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const value = (body as Record<string, unknown>)[field];
  return typeof value === "string" ? value : undefined;
}
