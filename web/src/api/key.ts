/** The API key for writes, where the API requires one. It is kept for this tab's session and sent to the API only. */
const NAME = "strandline.api-key";

export function loadApiKey(): string | null {
  return sessionStorage.getItem(NAME);
}

export function saveApiKey(key: string): void {
  if (key) sessionStorage.setItem(NAME, key);
  else sessionStorage.removeItem(NAME);
}
