import { MARKET_TYPES, TIMEFRAMES } from "../format/market";
import { useMessages } from "../i18n/language";
import { useExchanges } from "../shell/exchanges";
import { Select } from "../ui/Select";
import { COLUMNS, SIDES, sortBy, TOUCHES, type Filters } from "./filters";
import { SearchField } from "./SearchField";

const WITHIN = ["0.5", "1", "2", "3", "5"];
const REACH = ["20", "40", "60", "80"];

interface Props {
  filters: Filters;
  /** How many rows pass the filters, of how many. */
  shown: number | undefined;
  total: number | undefined;
  onChange: (change: Partial<Filters>) => void;
  onSearch: (query: string) => void;
}

export function Toolbar({ filters, shown, total, onChange, onSearch }: Props) {
  const m = useMessages();
  const exchanges = useExchanges()?.data ?? [];
  const types = MARKET_TYPES.map((type) => [type as string, m.common[type]] as const);
  const { within, reach } = filters;
  return (
    <search className="toolbar">
      <SearchField value={filters.symbol} onSearch={onSearch} />
      <Select
        quiet
        label={m.common.exchange}
        value={filters.exchange}
        options={[["", m.analysis.allExchanges], ...includeSelected(exchanges, filters.exchange).map(toOption)]}
        onChoose={(exchange) => onChange({ exchange })}
      />
      <Select
        quiet
        label={m.common.marketType}
        value={filters.market_type}
        options={[["", m.analysis.allTypes], ...types]}
        onChoose={(market_type) => onChange({ market_type })}
      />
      <Select
        quiet
        label={m.common.timeframe}
        value={filters.timeframe}
        options={[["", m.analysis.allTimeframes], ...includeSelected(TIMEFRAMES, filters.timeframe).map(toOption)]}
        onChoose={(timeframe) => onChange({ timeframe })}
      />
      <Select
        quiet
        label={m.analysis.side}
        value={filters.side}
        options={[["", m.analysis.bothSides], ...SIDES.map((side) => [side, m.common[side]] as const)]}
        onChoose={(side) => onChange({ side })}
      />
      <Select
        quiet
        label={m.analysis.within}
        value={String(within ?? "")}
        options={[["", m.analysis.anyDistance], ...includeSelected(WITHIN, String(within ?? "")).map((value) => [value, m.analysis.withinPercent(value)] as const)]}
        onChoose={(value) => onChange({ within: value === "" ? null : Number(value) })}
      />
      <Select
        quiet
        label={m.analysis.touched}
        value={filters.touched}
        options={[["", m.analysis.anyTouched], ...TOUCHES.map((one) => [one, m.analysis.touchedOf[one]] as const)]}
        onChoose={(touched) => onChange({ touched })}
      />
      <Select
        quiet
        label={m.analysis.reachHint}
        value={String(reach ?? "")}
        options={[["", m.analysis.anyReach], ...includeSelected(REACH, String(reach ?? "")).map((value) => [value, m.analysis.reachPercent(value)] as const)]}
        onChoose={(value) => onChange({ reach: value === "" ? null : Number(value) })}
      />
      <div className="toolbar-sort">
        <Select
          quiet
          label={m.analysis.sort}
          value={filters.sort}
          options={COLUMNS.map((column) => [column, m.analysis.sortBy(m.analysis.columns[column])] as const)}
          onChoose={(column) => onChange(sortBy(filters, column))}
        />
      </div>
      <span className="quiet number total" role="status" data-testid="total">
        {shown === undefined || total === undefined ? "" : shown === total ? m.analysis.count(total) : m.analysis.countOf(shown, total)}
      </span>
    </search>
  );
}

function toOption(value: string): readonly [string, string] {
  return [value, value];
}

/** The address may select a value that is not offered: it is added to the options. */
function includeSelected(offered: readonly string[], selected: string): string[] {
  return selected === "" || offered.includes(selected) ? [...offered] : [...offered, selected];
}
