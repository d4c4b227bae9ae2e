import { Link } from "../router/components";
import { formatMoment, formatSpan } from "../format/time";
import { useLanguage, useMessages } from "../i18n/language";
import { Figure, Shares } from "./JobsPanel";
import type { Pipeline } from "./usePipeline";

type Freshness = NonNullable<Pipeline["freshness"]>;

/** How many markets are fresh, and which are the furthest behind. */
export function FreshnessPanel({ freshness }: { freshness: Pipeline["freshness"] }) {
  const m = useMessages().pipeline;
  return (
    <section className="panel freshness" aria-labelledby="freshness-title">
      <div className="panel-head">
        <h2 id="freshness-title" title={m.freshHint}>
          {m.freshness}
        </h2>
      </div>
      {freshness === null ? (
        <p className="panel-body quiet">{m.unreadable}</p>
      ) : freshness.markets === 0 ? (
        <p className="panel-body quiet">{m.noMarkets}</p>
      ) : (
        <>
          <div className="panel-body">
            <dl className="figures">
              <Figure name={m.markets} value={freshness.markets} tone="none" />
              <Figure name={m.fresh} value={freshness.fresh} tone="good" />
              <Figure name={m.stale} value={freshness.stale} tone={freshness.stale > 0 ? "warn" : "none"} />
            </dl>
            <Shares good={freshness.fresh} bad={freshness.stale} />
            <p className="quiet">{m.freshHint}</p>
          </div>
          <Oldest oldest={freshness.oldest} />
        </>
      )}
    </section>
  );
}

function Oldest({ oldest }: { oldest: Freshness["oldest"] }) {
  const { messages, locale } = useLanguage();
  const m = messages.pipeline;
  return (
    <table className="grid">
      <caption className="visually-hidden">{m.oldest}</caption>
      <thead>
        <tr>
          <th scope="col">{m.oldest}</th>
          <th scope="col">{m.lastCandle}</th>
          <th scope="col" className="right">
            {m.behind}
          </th>
        </tr>
      </thead>
      <tbody>
        {oldest.map((one) => (
          <tr key={one.id} data-testid="market">
            <td>
              <Link to={`/chart?id=${one.id}&interval=${one.market.split(":").at(-1) ?? ""}`}>
                {one.market.replaceAll(":", " ")}
              </Link>
            </td>
            <td className="quiet" title={formatMoment(one.candle_at, locale)}>
              {formatSpan(Math.max(0, one.age_seconds), locale)}
            </td>
            <td className={one.periods_behind > 1 ? "right warn" : "right quiet"}>{one.periods_behind}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
