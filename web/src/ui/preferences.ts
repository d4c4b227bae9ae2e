/** User preferences in the browser's local storage. Where storage is not available, they last until the page is closed. */
const PREFIX = "strandline.";

export function loadPreference<T extends string>(name: string, allowed: readonly T[]): T | null {
  try {
    const value = localStorage.getItem(PREFIX + name);
    return allowed.find((one) => one === value) ?? null;
  } catch {
    return null;
  }
}

/** A preference that is on or off. */
export function loadSwitch(name: string, otherwise: boolean): boolean {
  return (loadPreference(name, ["on", "off"]) ?? (otherwise ? "on" : "off")) === "on";
}

export function savePreference(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Private windows of some browsers refuse to store.
  }
}
