/** The key for writes, where the API asks for one. Kept for this tab's session, and sent to nobody but the API. */
const NAME = "strandline.api-key";

export function apiKey(): string | null {
  return sessionStorage.getItem(NAME);
}

export function keepApiKey(key: string): void {
  if (key) sessionStorage.setItem(NAME, key);
  else sessionStorage.removeItem(NAME);
}
