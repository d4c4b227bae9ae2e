import { useState } from "react";
import { useMessages } from "../i18n/language";
import { AnalyseForm } from "./AnalyseForm";
import { AskedList } from "./AskedList";
import { useAsked } from "./useAsked";

/** Beside the table where there is room; above it, and folded, on a phone. */
export function AnalysePanel() {
  const m = useMessages().analysis;
  const { asked, ask } = useAsked();
  const [roomy] = useState(() => matchMedia("(width >= 900px)").matches);
  return (
    <aside aria-label={m.analyse} className="analyse">
      <details className="panel" open={roomy}>
        <summary className="panel-head">
          <h2>{m.analyse}</h2>
        </summary>
        <div className="panel-body">
          <AnalyseForm ask={ask} />
        </div>
        {asked.length > 0 && (
          <div className="panel-body analyse-asked">
            <h3>{m.recent}</h3>
            <AskedList asked={asked} />
          </div>
        )}
      </details>
    </aside>
  );
}
