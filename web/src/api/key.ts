/** The API key, where the API requires one. It is kept for this tab's session and sent to the API only. */
const NAME = "strandline.api-key";

const listeners = new Set<() => void>();

export function loadApiKey(): string | null {
  return sessionStorage.getItem(NAME);
}

export function saveApiKey(key: string): void {
  if (key) sessionStorage.setItem(NAME, key);
  else sessionStorage.removeItem(NAME);
  for (const listener of listeners) listener();
}

/** Call `listener` after every change; call the returned function to unsubscribe. */
export function onApiKeyChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
