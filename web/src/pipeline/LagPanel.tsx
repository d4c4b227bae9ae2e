import { useMessages } from "../i18n/language";
import type { Pipeline } from "./usePipeline";

export function LagPanel({ lag }: { lag: Pipeline["lag"] }) {
  const m = useMessages().pipeline;
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
            </tr>
          </thead>
          <tbody>
            {lag.map((one) => (
              <tr key={`${one.group} ${one.topic}`} data-testid="lag">
                <td>{one.group.replace(/^strandline\./, "")}</td>
                <td className="quiet">{one.topic.replace(/^strandline\./, "")}</td>
                <td className={one.lag > 0 ? "right warn" : "right quiet"}>{one.lag.toLocaleString("en-US")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
