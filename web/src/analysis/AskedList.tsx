import { Link } from "react-router";
import { formatSpan } from "../format/time";
import { useLanguage } from "../i18n/language";
import { useNow } from "../ui/useNow";
import type { Asked } from "./asked";

const TONE = { queued: "badge-busy", completed: "badge-good", failed: "badge-bad" };

/** What was asked for, each with the state it is in. */
export function AskedList({ asked }: { asked: readonly Asked[] }) {
  const { messages, locale } = useLanguage();
  const m = messages.analysis;
  const now = useNow(1);
  return (
    <ul className="asked" aria-live="polite">
      {asked.map((one) => (
        <li key={one.requestId} data-testid="job" data-state={one.state}>
          <div className="asked-line">
            <Link to={chartOfAsked(one)}>
              {one.symbol.toUpperCase()} <span className="quiet">{one.timeframe}</span>
            </Link>
            <span className={`badge ${TONE[one.state]}`}>{m.stateOf[one.state]}</span>
          </div>
          <span className="quiet number">{told(one)}</span>
        </li>
      ))}
    </ul>
  );

  function told(one: Asked): string {
    const span = formatSpan(Math.max(0, (one.endedAt ?? now) - one.askedAt) / 1000, locale);
    if (one.state === "queued") return m.queuedFor(span);
    if (one.state === "completed") return m.tookTime(span);
    return [one.reason && (m.reasons[one.reason] ?? one.reason), one.message].filter(Boolean).join(": ");
  }
}

function chartOfAsked(one: Asked): string {
  const { exchange, market_type, symbol, timeframe } = one;
  return `/chart?${new URLSearchParams({ symbol, interval: timeframe, exchange, market_type }).toString()}`;
}
