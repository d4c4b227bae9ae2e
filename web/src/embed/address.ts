/** The address of a page that another site frames. Its parameters choose what a reader's preferences choose elsewhere. */
const PATH = "/embed/";

/** Whether this page is one for frames: without header, list and menus. */
export function isEmbedded(): boolean {
  return window.location.pathname.startsWith(PATH);
}

/** What the address of a page for frames has for that parameter; null without one, and on all other pages. */
export function chosenByHost<T extends string>(name: string, allowed: readonly T[]): T | null {
  if (!isEmbedded()) return null;
  const value = new URLSearchParams(window.location.search).get(name);
  return allowed.find((one) => one === value) ?? null;
}
