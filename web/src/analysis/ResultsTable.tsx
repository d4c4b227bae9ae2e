import type { CSSProperties } from "react";
import { decimalsOf } from "../format/price";
import { useMessages } from "../i18n/language";
import { useNow } from "../ui/useNow";
import { ResultRow } from "./ResultRow";
import type { ListedRow } from "./useResults";

export function ResultsTable({ rows, stale }: { rows: ListedRow[]; stale: boolean }) {
  const m = useMessages();
  const now = useNow();
  const fraction = Math.max(...rows.map((row) => decimalsOf(row.last_price)));
  return (
    <table
      className="results"
      aria-busy={stale}
      // Width of the longest fraction on the page, so that decimal points are aligned.
      style={{ "--fraction": `${fraction + 0.5}ch` } as CSSProperties}
    >
      <caption className="visually-hidden">{m.analysis.title}</caption>
      <thead>
        <tr>
          <th scope="col">{m.common.market}</th>
          <th scope="col">
            <span className="visually-hidden">{m.common.timeframe}</span>
          </th>
          <th scope="col" className="cell-last">
            {m.common.lastPrice}
          </th>
          <th scope="col" className="cell-support">
            {m.common.support}
          </th>
          <th scope="col" className="cell-range">
            <span className="visually-hidden">{m.analysis.range}</span>
          </th>
          <th scope="col" className="cell-resistance">
            {m.common.resistance}
          </th>
          <th scope="col" className="cell-analysed">
            {m.analysis.analysed}
          </th>
          <th scope="col">
            <span className="visually-hidden">{m.common.details}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <ResultRow key={row.id} row={row} now={now} />
        ))}
      </tbody>
    </table>
  );
}
