import { createContext, use, useLayoutEffect, useMemo, useState, type ReactNode } from "react";
import { store, stored } from "./stored";

export const THEMES = ["dark", "light"] as const;
export type Theme = (typeof THEMES)[number];

const Context = createContext<{ theme: Theme; choose: (theme: Theme) => void } | null>(null);

export function ThemeProvider({ children }: { children: ReactNode }) {
  const [theme, setTheme] = useState<Theme>(() => stored("theme", THEMES) ?? ofSystem());
  useLayoutEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  const chosen = useMemo(
    () => ({
      theme,
      choose: (next: Theme) => {
        store("theme", next);
        // Before React draws: canvases read the new colours while they do.
        document.documentElement.dataset["theme"] = next;
        setTheme(next);
      },
    }),
    [theme],
  );
  return <Context value={chosen}>{children}</Context>;
}

export function useTheme() {
  const chosen = use(Context);
  if (!chosen) throw new Error("useTheme outside of ThemeProvider");
  return chosen;
}

function ofSystem(): Theme {
  return matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
}
