import { formatMoment } from "../format/time";
import { useLanguage } from "../i18n/language";
import { Failure, Loading } from "../ui/states";
import { FailuresPanel } from "./FailuresPanel";
import { FreshnessPanel } from "./FreshnessPanel";
import { JobsPanel } from "./JobsPanel";
import { LagPanel } from "./LagPanel";
import "./pipeline.css";
import { ServicesPanel } from "./ServicesPanel";
import { usePipeline } from "./usePipeline";
import { WatchlistPanel } from "./WatchlistPanel";

export default function PipelinePage() {
  const { messages, locale } = useLanguage();
  const m = messages.pipeline;
  const { data, error, refetch } = usePipeline();
  return (
    <div className="page">
      <div className="page-head">
        <h1>{m.title}</h1>
        {data && (
          <span className="quiet number">
            {m.readAt} {formatMoment(data.at, locale)}
          </span>
        )}
      </div>
      {error ? (
        // Data from before the failure would look current.
        <Failure error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading />
      ) : (
        <div className="pipeline">
          <JobsPanel pipeline={data} />
          <ServicesPanel pipeline={data} />
          <LagPanel lag={data.lag} />
          <FreshnessPanel freshness={data.freshness} />
          <FailuresPanel pipeline={data} />
          <WatchlistPanel />
        </div>
      )}
    </div>
  );
}
