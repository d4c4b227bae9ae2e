import { createContext, use, useEffect, useMemo, useState, type ReactNode } from "react";
import { savePreference } from "../ui/preferences";
import { LOCALES, type Language, type Messages } from "./messages";

/** A language with its texts. */
export interface LoadedLanguage {
  language: Language;
  messages: Messages;
}

/** Each language is a file of its own, so that a browser loads one of them. */
const LOADERS: Record<Language, () => Promise<Messages>> = {
  en: async () => (await import("./en")).en,
  zh: async () => (await import("./zh")).zh,
};

export async function loadLanguage(language: Language): Promise<LoadedLanguage> {
  return { language, messages: await LOADERS[language]() };
}

interface LanguageState extends LoadedLanguage {
  locale: string;
  setLanguage: (language: Language) => void;
}

const Context = createContext<LanguageState | null>(null);

export function LanguageProvider({ children, initial }: { children: ReactNode; initial: LoadedLanguage }) {
  const [{ language, messages }, setLoaded] = useState(initial);
  useEffect(() => {
    document.documentElement.lang = LOCALES[language];
  }, [language]);
  const state = useMemo(
    () => ({ language, locale: LOCALES[language], messages, setLanguage: (next: Language) => switchLanguage(next, setLoaded) }),
    [language, messages],
  );
  return <Context value={state}>{children}</Context>;
}

function switchLanguage(language: Language, onLoaded: (loaded: LoadedLanguage) => void): void {
  savePreference("language", language);
  // A file that is gone is that of an older version of the page: the current one has it.
  loadLanguage(language).then(onLoaded, () => window.location.reload());
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
