import { loadPreference } from "./preferences";

export const THEMES = ["dark", "light"] as const;
export type Theme = (typeof THEMES)[number];

/** The chosen theme, else that of the system. */
export function chooseTheme(): Theme {
  return loadPreference("theme", THEMES) ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
}
