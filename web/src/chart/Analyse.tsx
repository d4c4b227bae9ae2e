import type { MarketName } from "../format/market";
import { useMessages } from "../i18n/language";
import { useExplained } from "../ui/states";
import { useAnalyse } from "./useAnalyse";

/** The button that asks for levels, and what becomes of it. */
export function Analyse({ market, timeframe, primary }: { market: MarketName; timeframe: string; primary?: boolean }) {
  const m = useMessages().chart;
  const explained = useExplained();
  const { analyse, busy, error, failed } = useAnalyse(market, timeframe);
  return (
    <>
      <button
        type="button"
        className={primary ? "button primary" : "button small"}
        disabled={busy}
        onClick={analyse}
        data-testid="analyse"
      >
        {busy ? `${m.analysing} …` : m.analyseAs(timeframe)}
      </button>
      {error && <p role="alert">{explained(error)}</p>}
      {failed !== null && <p role="alert">{m.analysisFailed(failed)}</p>}
    </>
  );
}
