import { createContext, use, useEffect, useMemo, useState, type ReactNode } from "react";
import { stored, store } from "../ui/stored";
import { en } from "./en";
import { LANGUAGES, LOCALE, preferred, type Language, type Messages } from "./messages";
import { zh } from "./zh";

const SPOKEN: Record<Language, Messages> = { en, zh };

interface Speaking {
  language: Language;
  locale: string;
  messages: Messages;
  speak: (language: Language) => void;
}

const Context = createContext<Speaking | null>(null);

export function LanguageProvider({ children, initial }: { children: ReactNode; initial?: Language }) {
  const [language, speak] = useState<Language>(
    () => initial ?? stored("language", LANGUAGES) ?? preferred(navigator.languages),
  );
  useEffect(() => {
    document.documentElement.lang = LOCALE[language];
    store("language", language);
  }, [language]);
  const speaking = useMemo(
    () => ({ language, locale: LOCALE[language], messages: SPOKEN[language], speak }),
    [language],
  );
  return <Context value={speaking}>{children}</Context>;
}

export function useLanguage(): Speaking {
  const speaking = use(Context);
  if (!speaking) throw new Error("useLanguage outside of LanguageProvider");
  return speaking;
}

/** `const m = useMessages()`, then `m.watches.title`. */
export function useMessages(): Messages {
  return useLanguage().messages;
}
