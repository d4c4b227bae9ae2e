/**
 * Answers that the script in the page's head asked for while the application was still on its way, by URL.
 *
 * The head writes them, the API client reads them: each is used once, and only while it is fresh.
 */
import { loadApiKey } from "../api/key";

const MAX_AGE_MS = 60_000;

interface EarlyAnswer {
  response: Promise<Response>;
  at: number;
}

declare global {
  interface Window {
    earlyAnswers?: Map<string, EarlyAnswer>;
  }
}

/** Ask for `url` now. A failure is reported where the answer is used. */
export function askEarly(url: string): Promise<Response> {
  const key = loadApiKey();
  const response = fetch(url, { headers: { Accept: "application/json", ...(key && { "X-API-Key": key }) } });
  response.catch(() => undefined);
  (window.earlyAnswers ??= new Map()).set(url, { response, at: performance.now() });
  return response;
}

/** Take the answer to `url` that was asked for early; null without a fresh one. */
export function takeEarly(url: string): Promise<Response> | null {
  const answer = window.earlyAnswers?.get(url);
  window.earlyAnswers?.delete(url);
  return answer && performance.now() - answer.at < MAX_AGE_MS ? answer.response : null;
}
