import { Link } from "../router/components";
import { marketChartUrl } from "../format/market";
import { formatSpan } from "../format/time";
import { useLanguage } from "../i18n/language";
import { useNow } from "../ui/useNow";
import type { TrackedRequest } from "./requests";

const TONE = { queued: "badge-busy", completed: "badge-good", failed: "badge-bad" };

/** The requests of this tab with their states. */
export function RequestList({ requests }: { requests: readonly TrackedRequest[] }) {
  const { messages, locale } = useLanguage();
  const m = messages.analysis;
  const now = useNow(1);
  return (
    <ul className="requests" aria-live="polite">
      {requests.map((request) => (
        <li key={request.requestId} data-testid="job" data-state={request.state}>
          <div className="request-line">
            <Link to={marketChartUrl(request, request.timeframe)}>
              {request.symbol.toUpperCase()} <span className="quiet">{request.timeframe}</span>
            </Link>
            <span className={`badge ${TONE[request.state]}`}>{m.stateOf[request.state]}</span>
          </div>
          <span className="quiet number">{describe(request)}</span>
        </li>
      ))}
    </ul>
  );

  function describe(request: TrackedRequest): string {
    const { state, reason, message } = request;
    const span = formatSpan(Math.max(0, (request.endedAt ?? now) - request.requestedAt) / 1000, locale);
    if (state === "queued") return m.queuedFor(span);
    if (state === "completed") return m.tookTime(span);
    return [reason && (m.reasons[reason] ?? reason), message].filter(Boolean).join(": ");
  }
}
