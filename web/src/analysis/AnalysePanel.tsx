import { useState } from "react";
import { useMessages } from "../i18n/language";
import { AnalyseForm } from "./AnalyseForm";
import { RequestList } from "./RequestList";
import { useAnalysisRequests } from "./useAnalysisRequests";

/** The request form with the requests of this tab: beside the table, or folded above it on a phone. */
export function AnalysePanel() {
  const m = useMessages().analysis;
  const { requests, submit } = useAnalysisRequests();
  const [isWide] = useState(() => matchMedia("(width >= 900px)").matches);
  return (
    <aside aria-label={m.analyse} className="analyse">
      <details className="panel" open={isWide}>
        <summary className="panel-head">
          <h2>{m.analyse}</h2>
        </summary>
        <div className="panel-body">
          <AnalyseForm submit={submit} />
        </div>
        {requests.length > 0 && (
          <div className="panel-body analyse-requests">
            <h3>{m.recent}</h3>
            <RequestList requests={requests} />
          </div>
        )}
      </details>
    </aside>
  );
}
