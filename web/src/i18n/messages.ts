/** What is said, in every language: English sets the shape, so that a missing message is an error of the compiler. */
import type { en } from "./en";

export type Messages = typeof en;

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The tag that dates, numbers and the page's `lang` are in. */
export const LOCALE: Record<Language, string> = { en: "en-GB", zh: "zh-CN" };

/** The first language of a reader's preferences that we speak. */
export function preferred(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = LANGUAGES.find((language) => tag.toLowerCase().startsWith(language));
    if (found) return found;
  }
  return "en";
}
