/** Marks the tab while fires have not been seen: their number in its title, a dot on its icon. */
import mark from "../shell/mark.svg?raw";

const COUNT = /^\(\d+\) /;
const DOT = '<circle cx="25" cy="7" r="7" fill="#f0646e" stroke="#0e1a24" stroke-width="2"/></svg>';
const MARKED_ICON = `data:image/svg+xml,${encodeURIComponent(mark.trim().replace("</svg>", DOT))}`;

let count = 0;
let plainIcon: string | null = null;

/** Count a fire while the page is hidden; the mark goes when it is shown. */
export function markTab(): void {
  if (document.visibilityState !== "hidden") return;
  count += 1;
  document.title = `(${count}) ${document.title.replace(COUNT, "")}`;
  const icon = findIcon();
  if (icon && plainIcon === null) {
    plainIcon = icon.href;
    icon.href = MARKED_ICON;
  }
  document.addEventListener("visibilitychange", clearTab);
}

function clearTab(): void {
  if (document.visibilityState === "hidden") return;
  document.removeEventListener("visibilitychange", clearTab);
  count = 0;
  document.title = document.title.replace(COUNT, "");
  const icon = findIcon();
  if (icon && plainIcon !== null) icon.href = plainIcon;
  plainIcon = null;
}

function findIcon(): HTMLLinkElement | null {
  return document.querySelector<HTMLLinkElement>('link[rel="icon"]');
}
