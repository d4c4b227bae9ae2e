import { Autocomplete } from "@base-ui/react/autocomplete";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useId } from "react";
import { get } from "../api/client";
import type { components } from "../api/schema";
import { useMessages } from "../i18n/language";

type Market = components["schemas"]["TradableMarket"];

const MAX_SUGGESTIONS = 12;

interface Props {
  exchange: string;
  market_type: "spot" | "future";
  value: string;
  invalid: boolean;
  onType: (symbol: string) => void;
}

/** A symbol field that suggests the exchange's markets while one types. */
export function MarketField({ exchange, market_type, value, invalid, onType }: Props) {
  const m = useMessages();
  const id = useId();
  const query = useDeferredValue(value.trim());
  const markets = useQuery({
    queryKey: ["markets", exchange, market_type, query.toUpperCase()],
    queryFn: ({ signal }) =>
      get("/api/v1/markets", { query: { exchange, market_type, search: query, limit: MAX_SUGGESTIONS }, signal }),
    enabled: exchange !== "",
    staleTime: 300_000,
    placeholderData: keepPreviousData,
  });
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        {m.common.symbol}
      </label>
      <Autocomplete.Root
        items={markets.data?.data ?? []}
        value={value}
        onValueChange={onType}
        itemToStringValue={(market: Market) => market.symbol}
        filter={null}
        openOnInputClick
      >
        <Autocomplete.Input
          id={id}
          className="input"
          placeholder={m.analysis.symbolPlaceholder}
          spellCheck={false}
          autoCapitalize="characters"
          aria-invalid={invalid}
          data-testid="analyse-symbol"
        />
        <Autocomplete.Portal>
          <Autocomplete.Positioner sideOffset={4}>
            <Autocomplete.Popup className="popup" aria-label={m.common.market}>
              <Autocomplete.Empty className="popup-empty">
                {markets.isPending ? m.shell.loading : markets.error ? m.analysis.noSuggestions : m.analysis.noSuggestion}
              </Autocomplete.Empty>
              <Autocomplete.List>
                {(market: Market) => (
                  <Autocomplete.Item key={market.symbol} value={market} className="option">
                    {market.symbol}
                  </Autocomplete.Item>
                )}
              </Autocomplete.List>
            </Autocomplete.Popup>
          </Autocomplete.Positioner>
        </Autocomplete.Portal>
      </Autocomplete.Root>
      {invalid && <span className="error">{m.analysis.symbolInvalid}</span>}
    </div>
  );
}
