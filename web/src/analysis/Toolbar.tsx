import { MARKET_TYPES, TIMEFRAMES } from "../format/market";
import { useMessages } from "../i18n/language";
import { useExchanges } from "../shell/exchanges";
import { Select } from "../ui/Select";
import type { Filters } from "./filters";
import { SearchField } from "./SearchField";

interface Props {
  filters: Filters;
  total: number | undefined;
  onChange: (change: Partial<Filters>) => void;
  onSearch: (query: string) => void;
}

export function Toolbar({ filters, total, onChange, onSearch }: Props) {
  const m = useMessages();
  const exchanges = useExchanges()?.data ?? [];
  const types = MARKET_TYPES.map((type) => [type as string, m.common[type]] as const);
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
      <span className="quiet number total" role="status" data-testid="total">
        {total === undefined ? "" : m.analysis.count(total)}
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
