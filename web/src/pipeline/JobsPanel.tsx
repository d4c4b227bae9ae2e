import { formatPercent } from "../format/price";
import { formatSpan } from "../format/time";
import { useLanguage } from "../i18n/language";
import type { Pipeline } from "./usePipeline";

/** Jobs by state within the window, as figures and as one bar. */
export function JobsPanel({ pipeline }: { pipeline: Pipeline }) {
  const { messages, locale } = useLanguage();
  const m = messages.pipeline;
  const jobs = pipeline.jobs;
  const ended = jobs ? jobs.completed + jobs.failed : 0;
  return (
    <section className="panel jobs" aria-labelledby="jobs-title">
      <div className="panel-head">
        <h2 id="jobs-title">{m.window(formatSpan(pipeline.window_seconds, locale))}</h2>
      </div>
      {!jobs ? (
        <p className="panel-body quiet">{m.unreadable}</p>
      ) : (
        <div className="panel-body">
          <dl className="figures">
            <Figure name={m.queued} value={jobs.queued} tone="busy" />
            <Figure name={m.completed} value={jobs.completed} tone="good" />
            <Figure name={m.failed} value={jobs.failed} tone={jobs.failed > 0 ? "bad" : "none"} />
          </dl>
          <Shares good={jobs.completed} bad={jobs.failed} />
          <p className="quiet number">
            {ended === 0
              ? m.noJobs
              : `${m.failureRate}: ${formatPercent((jobs.failed / ended) * 100, { signed: false })}`}
          </p>
        </div>
      )}
    </section>
  );
}

export function Figure({ name, value, tone }: { name: string; value: number; tone: string }) {
  return (
    <div className={`figure tone-${tone}`}>
      <dt>{name}</dt>
      <dd>{value.toLocaleString("en-US")}</dd>
    </div>
  );
}

/** Two counts as parts of one bar. */
export function Shares({ good, bad }: { good: number; bad: number }) {
  const all = good + bad;
  const share = all === 0 ? 0 : good / all;
  return (
    <svg className="shares" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
      <rect width="100" height="1" className="shares-none" />
      {all > 0 && <rect width="100" height="1" className="shares-bad" />}
      <rect width={100 * share} height="1" className="shares-good" />
    </svg>
  );
}
