import { formatSpan } from "../format/time";
import { useLanguage } from "../i18n/language";
import type { Pipeline } from "./usePipeline";

const MAX_AGE = 60; // seconds; a queue that moves is younger

/** How far each consumer group is behind, in records and in time. */
export function LagPanel({ lag }: { lag: Pipeline["lag"] }) {
  const { messages, locale } = useLanguage();
  const m = messages.pipeline;
  return (
    <section className="panel" aria-labelledby="lag-title">
      <div className="panel-head">
        <h2 id="lag-title" title={m.lagHint}>
          {m.lag}
        </h2>
      </div>
      {lag === null ? (
        <p className="panel-body quiet">{m.lagUnknown}</p>
      ) : lag.length === 0 ? (
        <p className="panel-body quiet">{m.lagNone}</p>
      ) : (
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">{m.group}</th>
              <th scope="col">{m.topic}</th>
              <th scope="col" className="right">
                {m.records}
              </th>
              <th scope="col" className="right" title={m.lagAgeHint}>
                {m.lagAge}
              </th>
            </tr>
          </thead>
          <tbody>
            {lag.map((one) => (
              <tr key={`${one.group} ${one.topic}`} data-testid="lag">
                <td>{one.group.replace(/^strandline\./, "")}</td>
                <td className="quiet">{one.topic.replace(/^strandline\./, "")}</td>
                <td className={one.lag > 0 ? "right warn" : "right quiet"}>{one.lag.toLocaleString("en-US")}</td>
                <td className={(one.seconds ?? 0) > MAX_AGE ? "right warn" : "right quiet"}>
                  {one.lag > 0 && one.seconds !== null ? formatSpan(one.seconds, locale) : "–"}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
