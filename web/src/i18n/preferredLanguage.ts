import { chosenByHost } from "../embed/address";
import { loadPreference } from "../ui/preferences";
import { LANGUAGES, pickLanguage, type Language } from "./messages";

/** The chosen language, else the first one of the browser's that is supported. */
export function preferredLanguage(): Language {
  return chosenByHost("language", LANGUAGES) ?? loadPreference("language", LANGUAGES) ?? pickLanguage(navigator.languages);
}
