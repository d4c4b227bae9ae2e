import { useMessages } from "../i18n/language";
import { Ago } from "../ui/Ago";
import { useNow } from "../ui/useNow";
import type { Pipeline } from "./usePipeline";

/** The most recent failures with their reasons. */
export function FailuresPanel({ pipeline }: { pipeline: Pipeline }) {
  const m = useMessages();
  const now = useNow(5);
  return (
    <section className="panel failures" aria-labelledby="failures-title">
      <div className="panel-head">
        <h2 id="failures-title">{m.pipeline.recent}</h2>
        <div className="panel-tools">
          {pipeline.failures.map((one) => (
            <span key={one.reason} className="badge badge-bad" data-testid="reason">
              {m.analysis.reasons[one.reason] ?? one.reason} {one.count}
            </span>
          ))}
        </div>
      </div>
      {pipeline.recent_failures.length === 0 ? (
        <p className="panel-body quiet">{pipeline.database ? m.pipeline.noFailures : m.pipeline.unreadable}</p>
      ) : (
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">{m.pipeline.when}</th>
              <th scope="col">{m.common.market}</th>
              <th scope="col">{m.pipeline.reason}</th>
              <th scope="col">{m.pipeline.message}</th>
            </tr>
          </thead>
          <tbody>
            {pipeline.recent_failures.map((one) => (
              <tr key={one.request_id} title={`${m.pipeline.request}: ${one.request_id}`} data-testid="failure">
                <td className="quiet nowrap">
                  <Ago time={one.ended_at} now={now} />
                </td>
                <td className="nowrap">{one.market?.replaceAll(":", " ") ?? m.pipeline.unknownMarket}</td>
                <td className="resistance">{one.reason && (m.analysis.reasons[one.reason] ?? one.reason)}</td>
                <td className="quiet words">{one.message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
