import { createContext, use, useEffect, useMemo, useState, type ReactNode } from "react";
import { loadPreference, savePreference } from "../ui/preferences";
import { en } from "./en";
import { LANGUAGES, LOCALES, pickLanguage, type Language, type Messages } from "./messages";
import { zh } from "./zh";

const MESSAGES: Record<Language, Messages> = { en, zh };

interface LanguageState {
  language: Language;
  locale: string;
  messages: Messages;
  setLanguage: (language: Language) => void;
}

const Context = createContext<LanguageState | null>(null);

export function LanguageProvider({ children, initial }: { children: ReactNode; initial?: Language }) {
  const [language, setLanguage] = useState<Language>(
    () => initial ?? loadPreference("language", LANGUAGES) ?? pickLanguage(navigator.languages),
  );
  useEffect(() => {
    document.documentElement.lang = LOCALES[language];
    savePreference("language", language);
  }, [language]);
  const state = useMemo(
    () => ({ language, locale: LOCALES[language], messages: MESSAGES[language], setLanguage }),
    [language],
  );
  return <Context value={state}>{children}</Context>;
}

export function useLanguage(): LanguageState {
  const state = use(Context);
  if (!state) throw new Error("useLanguage needs a LanguageProvider above it");
  return state;
}

/** The texts in the chosen language: `const m = useMessages()`, then `m.watches.title`. */
export function useMessages(): Messages {
  return useLanguage().messages;
}
