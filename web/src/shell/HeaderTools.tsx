import { useLanguage, useMessages } from "../i18n/language";
import { useLine } from "../stream/StreamProvider";
import { MoonIcon, SunIcon } from "../ui/icons";
import { useTheme } from "../ui/theme";
import { useExchanges } from "./exchanges";

/** Prices that look real and are not must say so on every page. */
export function SimulatedBadge() {
  const m = useMessages().shell;
  const exchanges = useExchanges();
  if (!exchanges?.simulated.length) return null;
  return (
    <span className="badge badge-simulated" title={m.simulatedWhy} data-testid="simulated">
      {m.simulated}
    </span>
  );
}

export function LineState() {
  const m = useMessages().shell;
  const line = useLine();
  return (
    <span className="line" data-line={line} role="status" title={line === "live" ? m.liveWhy : m.connectingWhy}>
      <i aria-hidden="true" />
      <span>{line === "live" ? m.live : m.connecting}</span>
    </span>
  );
}

export function LanguageSwitch() {
  const { language, messages, speak } = useLanguage();
  const other = language === "en" ? "zh" : "en";
  return (
    <button
      type="button"
      className="button quiet"
      lang={other}
      title={messages.shell.languageWhy}
      onClick={() => speak(other)}
      data-testid="language"
    >
      {messages.shell.language}
    </button>
  );
}

export function ThemeSwitch() {
  const m = useMessages().shell;
  const { theme, choose } = useTheme();
  const label = theme === "dark" ? m.toLight : m.toDark;
  return (
    <button
      type="button"
      className="button quiet icon-only"
      aria-label={label}
      title={label}
      onClick={() => choose(theme === "dark" ? "light" : "dark")}
      data-testid="theme"
    >
      {theme === "dark" ? <SunIcon /> : <MoonIcon />}
    </button>
  );
}
