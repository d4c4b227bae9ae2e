import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useId, useState } from "react";
import { get } from "../api/client";
import { useMessages } from "../i18n/language";
import { useListbox } from "../ui/useListbox";

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
  const [open, setOpen] = useState(false);
  const query = useDeferredValue(value.trim());
  const markets = useQuery({
    queryKey: ["markets", exchange, market_type, query.toUpperCase()],
    queryFn: ({ signal }) =>
      get("/api/v1/markets", { query: { exchange, market_type, search: query, limit: MAX_SUGGESTIONS }, signal }),
    enabled: open && exchange !== "",
    staleTime: 300_000,
    placeholderData: keepPreviousData,
  });
  const found = open ? (markets.data?.data ?? []) : [];
  const listbox = useListbox(found.length, {
    onPick: (index) => {
      onType(found[index]?.symbol ?? value);
      setOpen(false);
    },
  });
  const note = markets.isPending ? m.shell.loading : markets.error ? m.analysis.noSuggestions : m.analysis.noSuggestion;
  return (
    <div className="field with-popup">
      <label className="label" htmlFor={id}>
        {m.common.symbol}
      </label>
      <input
        {...listbox.field}
        id={id}
        className="input"
        placeholder={m.analysis.symbolPlaceholder}
        spellCheck={false}
        autoCapitalize="characters"
        aria-invalid={invalid}
        data-testid="analyse-symbol"
        value={value}
        onChange={({ target }) => {
          onType(target.value);
          setOpen(true);
          listbox.reset();
        }}
        onClick={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={(event) => {
          if (event.key === "Escape") setOpen(false);
          else if (event.key === "ArrowDown") setOpen(true);
          listbox.field.onKeyDown(event);
        }}
      />
      {open && found.length === 0 && (
        <p className="popup popup-empty" role="status">
          {note}
        </p>
      )}
      <ul {...listbox.list} className="popup" aria-label={m.common.market} hidden={found.length === 0}>
        {found.map(({ symbol }, index) => (
          <li key={symbol} {...listbox.option(index)} className="option">
            {symbol}
          </li>
        ))}
      </ul>
      {invalid && <span className="error">{m.analysis.symbolInvalid}</span>}
    </div>
  );
}
