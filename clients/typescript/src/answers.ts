/** Reads a response: its body, or the error that it means; and decides about retries. Pure. */
import { NotFound, Refused, Unavailable } from "./errors.js";

const BUSY = new Set([429, 502, 503, 504]);
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;

/** Return the error that a response means, with the server's own explanation where it has one. */
export async function readError(response: Response): Promise<Refused | Unavailable> {
  const detail = await readDetail(response);
  const { status } = response;
  if (BUSY.has(status)) return new Unavailable(detail, readRetryAfter(response.headers, Date.now()));
  return status === 404 ? new NotFound(status, detail) : new Refused(status, detail);
}

/** Return how long to wait before attempt `attempt` (from 2): what the server demands, or twice the last pause. */
export function pauseBefore(attempt: number, error: Unavailable): number {
  const doubled = FIRST_PAUSE_MS * 2 ** (attempt - 2);
  return Math.min(Math.max(doubled, error.retryAfterMs ?? 0), MAX_PAUSE_MS);
}

/** Read `Retry-After`, which is seconds or a date; undefined without a valid one. */
export function readRetryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

async function readDetail(response: Response): Promise<string> {
  const document: unknown = await response.json().catch(() => null);
  const isProblem = typeof document === "object" && document !== null && "detail" in document;
  return isProblem && typeof document.detail === "string" ? document.detail : response.statusText;
}
