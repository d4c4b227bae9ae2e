import { useMessages } from "../i18n/language";

/** The attribution and link that the charting library's licence requires; its own logo would need an inline style. */
export function Credits() {
  const m = useMessages().shell;
  return (
    <footer className="credits">
      <a href="https://www.tradingview.com/" rel="noreferrer" target="_blank">
        {m.chartsBy("TradingView")}
      </a>
      <span className="quiet">Lightweight Charts™ © 2025 TradingView, Inc.</span>
      <a href="/openapi.json">{m.apiDocument}</a>
    </footer>
  );
}
