import { createContext, use, useLayoutEffect, useMemo, useState, type ReactNode } from "react";
import { chooseTheme, type Theme } from "./chooseTheme";
import { savePreference } from "./preferences";

const Context = createContext<{ theme: Theme; setTheme: (theme: Theme) => void } | null>(null);

export function ThemeProvider({ children }: { children: ReactNode }) {
  const [theme, setState] = useState<Theme>(chooseTheme);
  useLayoutEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  const value = useMemo(
    () => ({
      theme,
      setTheme: (next: Theme) => {
        savePreference("theme", next);
        // Set before React renders, because canvases read the new colours while rendering.
        document.documentElement.dataset["theme"] = next;
        setState(next);
      },
    }),
    [theme],
  );
  return <Context value={value}>{children}</Context>;
}

export function useTheme() {
  const value = use(Context);
  if (!value) throw new Error("useTheme needs a ThemeProvider above it");
  return value;
}
