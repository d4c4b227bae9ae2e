/** The texts of the pages. English defines the shape, so that the compiler reports a missing translation. */
import type { en } from "./en";

export type Messages = typeof en;

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The BCP 47 tag for dates, numbers and the page's `lang`. */
export const LOCALES: Record<Language, string> = { en: "en-GB", zh: "zh-CN" };

/** Return the first supported language among the browser's `preferences`; English when there is none. */
export function pickLanguage(preferences: readonly string[]): Language {
  for (const tag of preferences) {
    const found = LANGUAGES.find((language) => tag.toLowerCase().startsWith(language));
    if (found) return found;
  }
  return "en";
}
