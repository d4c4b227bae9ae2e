import { useSyncExternalStore } from "react";
import { loadApiKey, onApiKeyChange } from "./key";

/** The key of this tab, null without one. */
export function useApiKey(): string | null {
  return useSyncExternalStore(onApiKeyChange, loadApiKey);
}
