import { useCallback } from "react";
import { useSearchParams } from "../router/hooks";
import { useMessages } from "../i18n/language";
import { Pager } from "../ui/Pager";
import { Empty, Failure, Loading } from "../ui/states";
import "./analysis.css";
import { AnalysePanel } from "./AnalysePanel";
import { readFilters, hasFilters, toSearchParams, updateFilters, type Filters } from "./filters";
import { ResultsTable } from "./ResultsTable";
import { Toolbar } from "./Toolbar";
import { useResults } from "./useResults";

export default function AnalysisPage() {
  const m = useMessages().analysis;
  const [search, setSearch] = useSearchParams();
  const filters = readFilters(search);
  const results = useResults(filters);
  const change = useCallback(
    (next: Partial<Filters>, replace = false) =>
      setSearch((known) => toSearchParams(updateFilters(readFilters(known), next)), { replace }),
    [setSearch],
  );
  const onSearch = useCallback((symbol: string) => change({ symbol }, true), [change]);
  return (
    <div className="analysis">
      <h1 className="visually-hidden">{m.title}</h1>
      <section className="panel analysis-results" aria-label={m.title}>
        <Toolbar filters={filters} total={results.data?.total} onChange={change} onSearch={onSearch} />
        <Results results={results} filters={filters} onClear={() => setSearch({})} />
        <Pager
          label={m.pages}
          page={filters.page}
          pages={results.data?.totalPages ?? 0}
          onTurn={(page) => change({ page })}
        />
      </section>
      <AnalysePanel />
    </div>
  );
}

interface ResultsProps {
  results: ReturnType<typeof useResults>;
  filters: Filters;
  onClear: () => void;
}

function Results({ results, filters, onClear }: ResultsProps) {
  const m = useMessages().analysis;
  if (results.error && !results.data) return <Failure error={results.error} retry={() => void results.refetch()} />;
  if (!results.data) return <Loading />;
  if (results.data.data.length > 0) return <ResultsTable rows={results.data.data} stale={results.isPlaceholderData} />;
  if (!hasFilters(filters) && filters.page === 1) return <Empty title={m.empty} why={m.emptyHint} />;
  return (
    <Empty title={filters.symbol ? m.emptySearch(filters.symbol) : m.emptyFilters} why={m.emptySearchHint}>
      <button type="button" className="button" onClick={onClear}>
        {m.clear}
      </button>
    </Empty>
  );
}
