import { useLayoutEffect, useMemo, useRef, useState } from "react";
import { marketChartUrl, priceKey, type MarketName } from "../format/market";
import { useMessages } from "../i18n/language";
import { navigate } from "../router/location";
import { Modal } from "../ui/Modal";
import { useListbox } from "../ui/useListbox";
import { MarketLabel } from "../ui/MarketLabel";
import { SearchIcon } from "../ui/icons";
import "./markets.css";
import { MarketNumbers } from "./MarketNumbers";
import { StarMark } from "./StarButton";
import { useMarketSearch } from "./useMarketSearch";

interface Props {
  /** The letter that opened it. */
  typed: string;
  onClose: () => void;
}

/** Goes to the chart of any market: search, arrow keys, Enter. */
export default function MarketSwitcher({ typed, onClose }: Props) {
  const m = useMessages();
  const [query, setQuery] = useState(typed);
  const { markets, analysed, recent, stars, pending } = useMarketSearch(query);
  const boards = useMemo(() => new Map(analysed.map((market) => [market.key, market])), [analysed]);
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    const field = input.current;
    field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
  }, []);
  const open = (market: MarketName | undefined) => {
    if (!market) return;
    navigate(marketChartUrl(market, currentInterval()));
    onClose();
  };
  const listbox = useListbox(markets.length, { initial: 0, onPick: (index) => open(markets[index]) });
  return (
    <Modal open bare onClose={onClose} title={m.markets.switcher} className="switcher">
      <div className="search">
        <SearchIcon />
        <input
          {...listbox.field}
          ref={input}
          className="input"
          aria-label={m.markets.search}
          placeholder={m.markets.placeholder}
          spellCheck={false}
          maxLength={60}
          value={query}
          data-testid="switcher"
          onChange={({ target }) => {
            setQuery(target.value);
            listbox.reset();
          }}
        />
      </div>
      <ul {...listbox.list} aria-label={m.common.market}>
        {markets.map((market, index) => {
          const key = priceKey(market);
          return (
            <li key={key} {...listbox.option(index)} className="option" data-testid="switch-to" data-symbol={market.symbol}>
              <StarMark lit={stars.includes(key)} />
              <span className="option-market">
                <b>{market.symbol}</b> <MarketLabel {...market} />
              </span>
              {recent.includes(key) && query === "" && <span className="badge">{m.markets.recent}</span>}
              <MarketNumbers market={market} board={boards.get(key)} />
            </li>
          );
        })}
      </ul>
      <p className="quiet switcher-note" role="status">
        {markets.length > 0 ? m.markets.hint : pending ? m.shell.loading : m.markets.none}
      </p>
    </Modal>
  );
}

/** The timeframe of the chart that is shown, if one is. */
function currentInterval(): string | null {
  return new URLSearchParams(window.location.search).get("interval");
}
