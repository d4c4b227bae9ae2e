import { chosenByHost } from "../embed/address";
import { loadPreference } from "./preferences";

export const THEMES = ["dark", "light"] as const;
export type Theme = (typeof THEMES)[number];

/** The theme that a host page or the user has chosen, else that of the system. */
export function chooseTheme(): Theme {
  const chosen = chosenByHost("theme", THEMES) ?? loadPreference("theme", THEMES);
  return chosen ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
}
