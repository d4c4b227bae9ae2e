import { TIMEFRAMES } from "../format/market";
import { useMessages } from "../i18n/language";
import { useSearchParams } from "../router/hooks";
import { useExchanges } from "../shell/exchanges";
import { Select } from "../ui/Select";
import { Empty, Failure, Loading } from "../ui/states";
import { DISTANCES, readQuestion, SIDES, SORTS, toSearchParams, VISITS, type Question } from "./question";
import { SaveQuestion } from "./SaveQuestion";
import "./screener.css";
import { ScreenerTable } from "./ScreenerTable";
import { sortLevels } from "./sortLevels";
import { useNearLevels } from "./useNearLevels";

export default function ScreenerPage() {
  const m = useMessages().screener;
  const [search, setSearch] = useSearchParams();
  const question = readQuestion(search);
  const near = useNearLevels(question);
  const change = (next: Partial<Question>) => setSearch(toSearchParams({ ...question, ...next }));
  return (
    <section className="panel page" aria-labelledby="screener-title">
      <div className="panel-head">
        <h1 id="screener-title">{m.title}</h1>
        <span className="quiet number" data-testid="total">
          {near.data ? m.total(near.data.total) : ""}
        </span>
        <div className="panel-tools">
          <SaveQuestion question={question} />
        </div>
      </div>
      <Filters question={question} onChange={change} />
      <Levels near={near} question={question} onSort={(sort) => change({ sort })} />
    </section>
  );
}

interface FiltersProps {
  question: Question;
  onChange: (next: Partial<Question>) => void;
}

function Filters({ question, onChange }: FiltersProps) {
  const { common, screener: m } = useMessages();
  const exchanges = useExchanges()?.data ?? [];
  return (
    <search className="screener-filters">
      <Select
        quiet
        label={m.side}
        value={question.side}
        options={[["", m.bothSides] as const, ...SIDES.map((side) => [side, common[side]] as const)]}
        onChoose={(side) => onChange({ side })}
      />
      <Select
        quiet
        label={m.within}
        value={question.within}
        options={[["", m.anyDistance] as const, ...DISTANCES.map((one) => [one, m.distances[one]] as const)]}
        onChoose={(within) => onChange({ within })}
      />
      <Select
        quiet
        label={m.visits}
        value={question.visits}
        options={[["", m.anyVisits] as const, ...VISITS.map((one) => [one, m.visitsOf[one]] as const)]}
        onChoose={(visits) => onChange({ visits })}
      />
      <Select
        quiet
        label={common.exchange}
        value={question.exchange}
        options={[["", m.allExchanges] as const, ...withSelected(exchanges, question.exchange)]}
        onChoose={(exchange) => onChange({ exchange })}
      />
      <Select
        quiet
        label={common.timeframe}
        value={question.timeframe}
        options={[["", m.allTimeframes] as const, ...withSelected(TIMEFRAMES, question.timeframe)]}
        onChoose={(timeframe) => onChange({ timeframe })}
      />
      <div className="screener-order">
        <Select
          quiet
          label={m.order}
          value={question.sort}
          options={SORTS.map((sort) => [sort, m.sorts[sort]] as const)}
          onChoose={(sort) => onChange({ sort })}
        />
      </div>
    </search>
  );
}

/** The address may select a value that is not offered: it is added to the options. */
function withSelected(offered: readonly string[], selected: string): (readonly [string, string])[] {
  const values = selected === "" || offered.includes(selected) ? offered : [...offered, selected];
  return values.map((value) => [value, value] as const);
}

interface LevelsProps {
  near: ReturnType<typeof useNearLevels>;
  question: Question;
  onSort: (sort: Question["sort"]) => void;
}

function Levels({ near, question, onSort }: LevelsProps) {
  const m = useMessages().screener;
  if (near.error && !near.data) return <Failure error={near.error} retry={() => void near.refetch()} />;
  if (!near.data) return <Loading />;
  if (near.data.data.length === 0) return <Empty title={m.empty} why={m.emptyHint} />;
  return <ScreenerTable levels={sortLevels(near.data.data, question.sort)} sort={question.sort} onSort={onSort} />;
}
