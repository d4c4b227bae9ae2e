import { lazy, Suspense, useEffect, useEffectEvent, useState } from "react";
import { useMessages } from "../i18n/language";
import { navigate } from "../router/location";
import { useTheme } from "../ui/theme";
import { useLanguage } from "../i18n/language";
import { isTyping, nameCombo, takesKeys } from "./combo";
import { runShortcut, useShortcut } from "./shortcuts";

const KeyHelp = lazy(() => import("./KeyHelp"));
const MarketSwitcher = lazy(() => import("../markets/MarketSwitcher"));

type Opened = { dialog: "help" } | { dialog: "switcher"; typed: string };

/** The keys of all pages, and the dialogs that they open. */
export function Keys({ opened, setOpened }: { opened: Opened | null; setOpened: (opened: Opened | null) => void }) {
  usePageKeys(setOpened);
  // More letters may be typed before the dialog is there.
  const onType = useEffectEvent((letter: string) => {
    setOpened({ dialog: "switcher", typed: (opened?.dialog === "switcher" ? opened.typed : "") + letter });
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
      const combo = nameCombo(event);
      if (combo === null || (takesKeys(document.activeElement) && !combo.startsWith("Ctrl+"))) return;
      if (isTyping(combo)) onType(combo);
      else if (!runShortcut(combo)) return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
  if (!opened) return null;
  return (
    <Suspense>
      {opened.dialog === "help" ? (
        <KeyHelp onClose={() => setOpened(null)} />
      ) : (
        <MarketSwitcher typed={opened.typed} onClose={() => setOpened(null)} />
      )}
    </Suspense>
  );
}

function usePageKeys(setOpened: (opened: Opened) => void): void {
  const m = useMessages();
  const { theme, setTheme } = useTheme();
  const { language, setLanguage } = useLanguage();
  const keys = m.keys;
  useShortcut({ combos: ["?"], group: "everywhere", label: keys.help }, () => setOpened({ dialog: "help" }));
  useShortcut({ combos: ["/", "Ctrl+K"], group: "markets", label: keys.switcher }, () => setOpened({ dialog: "switcher", typed: "" }));
  useShortcut({ combos: ["Shift+1"], group: "everywhere", label: m.shell.analysis }, () => navigate("/"));
  useShortcut({ combos: ["Shift+2"], group: "everywhere", label: m.shell.chart }, () => navigate("/chart"));
  useShortcut({ combos: ["Shift+3"], group: "everywhere", label: m.shell.screener }, () => navigate("/screener"));
  useShortcut({ combos: ["Shift+4"], group: "everywhere", label: m.shell.watches }, () => navigate("/watches"));
  useShortcut({ combos: ["Shift+5"], group: "everywhere", label: m.shell.pipeline }, () => navigate("/pipeline"));
  useShortcut({ combos: ["Shift+T"], group: "everywhere", label: keys.theme }, () => setTheme(theme === "dark" ? "light" : "dark"));
  useShortcut({ combos: ["Shift+Y"], group: "everywhere", label: keys.language }, () => setLanguage(language === "en" ? "zh" : "en"));
}

/** Which of the dialogs is open, and how to open one. */
export function useKeyDialogs() {
  const [opened, setOpened] = useState<Opened | null>(null);
  return {
    opened,
    setOpened,
    openSwitcher: () => setOpened({ dialog: "switcher", typed: "" }),
    openHelp: () => setOpened({ dialog: "help" }),
  };
}
