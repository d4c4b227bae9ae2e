import { useMemo, type CSSProperties } from "react";
import { decimalsOf } from "../format/price";
import { useMessages } from "../i18n/language";
import { useMedia } from "../ui/useMedia";
import { useNow } from "../ui/useNow";
import { useVirtualRows } from "../ui/useVirtualRows";
import { sortBy, type Filters } from "./filters";
import { ResultRow } from "./ResultRow";
import { SortHeader } from "./SortHeader";
import type { ScreenedRow } from "./screen";

const ROW_HEIGHT = 54;
const CARD_HEIGHT = 146;
const HEAD_HEIGHT = 32;
const COLUMNS = 9;

interface Props {
  rows: readonly ScreenedRow[];
  filters: Filters;
  onSort: (filters: Filters) => void;
}

/** The rows in a table that renders those in view; on a phone each is a card. */
export function ResultsTable({ rows, filters, onSort }: Props) {
  const m = useMessages();
  const now = useNow();
  const narrow = useMedia("(width < 900px)");
  const { ref, from, to, before, after } = useVirtualRows<HTMLDivElement>(rows.length, narrow ? CARD_HEIGHT : ROW_HEIGHT, HEAD_HEIGHT);
  const fraction = useMemo(() => Math.max(...rows.map(({ row }) => decimalsOf(row.last_price))), [rows]);
  const header = { filters, onSort: (column: Filters["sort"]) => onSort(sortBy(filters, column)) };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the arrow keys scroll it
    <div ref={ref} className="results-scroll" data-testid="results" tabIndex={0} role="region" aria-label={m.analysis.title}>
      <table
        className="results"
        aria-rowcount={rows.length + 1}
        // Width of the longest fraction, so that decimal points are aligned.
        style={{ "--fraction": `${fraction + 0.5}ch` } as CSSProperties}
      >
        <caption className="visually-hidden">{m.analysis.title}</caption>
        <thead>
          <tr aria-rowindex={1}>
            <SortHeader column="symbol" label={m.common.market} {...header} />
            <SortHeader column="timeframe" label={m.common.timeframe} {...header} />
            <SortHeader column="last" label={m.common.lastPrice} className="cell-last" {...header} />
            <SortHeader column="distance" label={m.analysis.nearest} title={m.analysis.nearestHint} className="cell-nearest" {...header} />
            <SortHeader column="support" label={m.common.support} className="cell-support" {...header} />
            <SortHeader column="position" label={m.analysis.range} className="cell-range" {...header} />
            <SortHeader column="resistance" label={m.common.resistance} className="cell-resistance" {...header} />
            <SortHeader column="reach" label={m.analysis.reach} title={m.analysis.reachHint} className="cell-reach" {...header} />
            <SortHeader column="analysed" label={m.analysis.analysed} className="cell-analysed" {...header} />
          </tr>
        </thead>
        <tbody>
          <Spacer height={before} />
          {rows.slice(from, to).map(({ row }, index) => (
            <ResultRow key={row.id} row={row} side={filters.side} now={now} index={from + index + 2} />
          ))}
          <Spacer height={after} />
        </tbody>
      </table>
    </div>
  );
}

/** Takes the place of the rows that are not rendered. */
function Spacer({ height }: { height: number }) {
  if (height === 0) return null;
  return (
    <tr aria-hidden="true" className="spacer">
      <td colSpan={COLUMNS} style={{ height }} />
    </tr>
  );
}
