import { useCallback, useMemo } from "react";
import { useSearchParams } from "../router/hooks";
import { useMessages } from "../i18n/language";
import { Empty, Failure, Loading } from "../ui/states";
import "./analysis.css";
import { AnalysePanel } from "./AnalysePanel";
import { readFilters, hasFilters, toSearchParams, type Filters } from "./filters";
import { ResultsTable } from "./ResultsTable";
import { Toolbar } from "./Toolbar";
import { useScreen } from "./useScreen";

export default function AnalysisPage() {
  const m = useMessages().analysis;
  const [search, setSearch] = useSearchParams();
  const filters = useMemo(() => readFilters(search), [search]);
  const screen = useScreen(filters);
  const change = useCallback(
    (next: Partial<Filters>, replace = false) =>
      setSearch((known) => toSearchParams({ ...readFilters(known), ...next }), { replace }),
    [setSearch],
  );
  const onSearch = useCallback((symbol: string) => change({ symbol }, true), [change]);
  return (
    <div className="analysis">
      <h1 className="visually-hidden">{m.title}</h1>
      <section className="panel analysis-results">
        <Toolbar filters={filters} shown={screen.rows?.length} total={screen.total} onChange={change} onSearch={onSearch} />
        <Results screen={screen} filters={filters} onSort={change} onClear={() => setSearch({})} />
      </section>
      <AnalysePanel />
    </div>
  );
}

interface ResultsProps {
  screen: ReturnType<typeof useScreen>;
  filters: Filters;
  onSort: (filters: Filters) => void;
  onClear: () => void;
}

function Results({ screen, filters, onSort, onClear }: ResultsProps) {
  const m = useMessages().analysis;
  if (screen.error && !screen.rows) return <Failure error={screen.error} retry={screen.retry} />;
  if (!screen.rows) return <Loading />;
  if (screen.rows.length > 0) return <ResultsTable rows={screen.rows} filters={filters} onSort={onSort} />;
  if (!hasFilters(filters)) return <Empty title={m.empty} why={m.emptyHint} />;
  return (
    <Empty title={filters.symbol ? m.emptySearch(filters.symbol) : m.emptyFilters} why={m.emptySearchHint}>
      <button type="button" className="button" onClick={onClear}>
        {m.clear}
      </button>
    </Empty>
  );
}
