import { useMessages } from "../i18n/language";
import { lengthOf, OFFERED } from "./timeframes";

export function TimeframeSwitch({ timeframe, choose }: { timeframe: string; choose: (next: string) => void }) {
  const m = useMessages().chart;
  const known: readonly string[] = OFFERED;
  const offered = known.includes(timeframe)
    ? known
    : [...known, timeframe].sort((one, other) => lengthOf(one) - lengthOf(other));
  return (
    <div className="choices timeframes" role="group" aria-label={m.timeframes} data-testid="timeframes">
      {offered.map((one) => (
        <button key={one} type="button" aria-pressed={one === timeframe} onClick={() => choose(one)}>
          {one}
        </button>
      ))}
    </div>
  );
}
