/** What the notifier sends to a browser (consumers/notifier/web_push/target.py). Pure. */
export interface Shown {
  title: string;
  body: string;
  /** Of two with the same tag, the browser shows the later one. */
  tag: string;
  /** Path of the page that a click opens. */
  url: string;
}

/** Read a message; null for anything else. Paths only: a click never leaves this site. */
export function readShown(value: unknown): Shown | null {
  if (typeof value !== "object" || value === null) return null;
  const { title, body, tag, url } = value as Record<string, unknown>;
  if (typeof title !== "string" || typeof body !== "string" || typeof tag !== "string") return null;
  return { title, body, tag, url: typeof url === "string" && /^\/(?!\/)/.test(url) ? url : "/" };
}
