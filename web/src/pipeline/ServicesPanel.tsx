import { useMessages } from "../i18n/language";
import { useConnectionState } from "../stream/StreamProvider";
import type { Pipeline } from "./usePipeline";

/** Whether database, broker and stream respond. */
export function ServicesPanel({ pipeline }: { pipeline: Pipeline }) {
  const m = useMessages().pipeline;
  const connection = useConnectionState();
  return (
    <section className="panel" aria-labelledby="services-title">
      <div className="panel-head">
        <h2 id="services-title">{m.services}</h2>
      </div>
      <ul className="services">
        <Service name={m.database} up={pipeline.database} />
        <Service name={m.broker} up={pipeline.broker} />
        <Service name={m.stream} up={connection === "live"} />
        {pipeline.canary && <Canary canary={pipeline.canary} />}
      </ul>
    </section>
  );
}

const MAX_CANARY_AGE = 180;

/** The seconds of the latest answered test request, and its age. */
function Canary({ canary }: { canary: NonNullable<Pipeline["canary"]> }) {
  const m = useMessages().pipeline;
  const tone = canary.age_seconds <= MAX_CANARY_AGE ? "badge-good" : "badge-bad";
  return (
    <li>
      <span title={m.canaryHint}>{m.canary}</span>
      <span className={`badge ${tone}`} data-testid="canary">
        {m.canaryAnswer(canary.seconds.toFixed(1), canary.age_seconds.toFixed(0))}
      </span>
    </li>
  );
}

function Service({ name, up }: { name: string; up: boolean }) {
  const m = useMessages().pipeline;
  return (
    <li>
      <span>{name}</span>
      <span className={`badge ${up ? "badge-good" : "badge-bad"}`}>{up ? m.up : m.down}</span>
    </li>
  );
}
