import { useMessages } from "../i18n/language";
import { timeframeMs, SWITCH_TIMEFRAMES } from "./timeframes";

export function TimeframeSwitch({ timeframe, onChoose }: { timeframe: string; onChoose: (next: string) => void }) {
  const m = useMessages().chart;
  const known: readonly string[] = SWITCH_TIMEFRAMES;
  const offered = known.includes(timeframe)
    ? known
    : [...known, timeframe].sort((one, other) => timeframeMs(one) - timeframeMs(other));
  return (
    <div className="choices timeframes" role="group" aria-label={m.timeframes} data-testid="timeframes">
      {offered.map((one) => (
        <button key={one} type="button" aria-pressed={one === timeframe} onClick={() => onChoose(one)}>
          {one}
        </button>
      ))}
    </div>
  );
}
