import type { MarketName } from "../format/market";
import { useMessages } from "../i18n/language";
import { useShortcut } from "../keys/shortcuts";
import { useErrorText } from "../ui/states";
import { useAnalysisJob } from "./useAnalysisJob";

/** A button that requests an analysis and shows its progress and errors. */
export function AnalyseButton({ market, timeframe, primary }: { market: MarketName; timeframe: string; primary?: boolean }) {
  const m = useMessages().chart;
  const errorText = useErrorText();
  const { analyse, busy, error, failed } = useAnalysisJob(market, timeframe);
  useShortcut({ combos: ["Shift+A"], group: "chart", label: m.analyseAs(timeframe) }, busy ? null : analyse);
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
      {error && <p role="alert">{errorText(error)}</p>}
      {failed !== null && <p role="alert">{m.analysisFailed(failed)}</p>}
    </>
  );
}
