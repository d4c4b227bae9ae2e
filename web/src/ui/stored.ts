/** A reader's choices, kept by the browser. A browser that keeps nothing costs only that. */
const PREFIX = "strandline.";

export function stored<T extends string>(name: string, among: readonly T[]): T | null {
  try {
    const value = localStorage.getItem(PREFIX + name);
    return among.find((one) => one === value) ?? null;
  } catch {
    return null;
  }
}

export function store(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Private windows of some browsers refuse: the choice then lasts as long as the page.
  }
}
