import { useLanguage, useMessages } from "../i18n/language";
import { useConnectionState } from "../stream/StreamProvider";
import { MoonIcon, SearchIcon, SunIcon } from "../ui/icons";
import { useTheme } from "../ui/theme";
import { useBlindWatches } from "./blindWatches";
import { useExchanges } from "./exchanges";

/** A badge on every page while simulated markets are offered: their prices look real. */
export function SimulatedBadge() {
  const m = useMessages().shell;
  const exchanges = useExchanges();
  if (!exchanges?.simulated.length) return null;
  return (
    <span className="badge badge-simulated" title={m.simulatedHint} data-testid="simulated">
      {m.simulated}
    </span>
  );
}

export function ConnectionIndicator() {
  const m = useMessages().shell;
  const state = useConnectionState();
  const blind = useBlindWatches();
  const [text, hint] =
    state !== "live" ? [m.connecting, m.connectingHint] : blind > 0 ? [m.blind(blind), m.blindHint] : [m.live, m.liveHint];
  return (
    <span className="connection" data-connection={state} data-blind={blind} role="status" title={hint}>
      <i aria-hidden="true" />
      <span>{text}</span>
    </span>
  );
}

export function LanguageSwitch() {
  const { language, messages, setLanguage } = useLanguage();
  const other = language === "en" ? "zh" : "en";
  return (
    <button
      type="button"
      className="button quiet"
      lang={other}
      title={messages.shell.languageHint}
      onClick={() => setLanguage(other)}
      data-testid="language"
    >
      {messages.shell.language}
    </button>
  );
}

export function ThemeSwitch() {
  const m = useMessages().shell;
  const { theme, setTheme } = useTheme();
  const label = theme === "dark" ? m.toLight : m.toDark;
  return (
    <button
      type="button"
      className="button quiet icon-only"
      aria-label={label}
      title={label}
      onClick={() => setTheme(theme === "dark" ? "light" : "dark")}
      data-testid="theme"
    >
      {theme === "dark" ? <SunIcon /> : <MoonIcon />}
    </button>
  );
}

export function MarketSearchButton({ onOpen }: { onOpen: () => void }) {
  const m = useMessages().markets;
  return (
    <button type="button" className="button small header-search" aria-label={m.switcher} title={`${m.switcher} /`} onClick={onOpen} data-testid="open-switcher">
      <SearchIcon />
      <span>{m.search}</span>
      <kbd aria-hidden="true">/</kbd>
    </button>
  );
}

export function KeyHelpButton({ onOpen }: { onOpen: () => void }) {
  const m = useMessages().keys;
  return (
    <button type="button" className="button quiet icon-only key-help-button" aria-label={m.help} title={`${m.help} ?`} onClick={onOpen} data-testid="keys">
      <span aria-hidden="true">?</span>
    </button>
  );
}
