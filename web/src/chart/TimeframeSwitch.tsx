import { useMessages } from "../i18n/language";
import { useShortcut } from "../keys/shortcuts";
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
      {SWITCH_TIMEFRAMES.map((one, index) => (
        <TimeframeKey key={one} digit={index + 1} timeframe={one} onChoose={onChoose} />
      ))}
    </div>
  );
}

function TimeframeKey({ digit, timeframe, onChoose }: { digit: number; timeframe: string; onChoose: (next: string) => void }) {
  const m = useMessages().chart;
  useShortcut({ combos: [String(digit)], group: "chart", label: m.candlesOf(timeframe) }, () => onChoose(timeframe));
  return null;
}
