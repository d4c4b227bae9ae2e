import { useSearchParams, Link } from "react-router";
import { priceKey } from "../format/market";
import { useExchanges } from "../shell/exchanges";
import { useMessages } from "../i18n/language";
import { Empty, Failure, Loading } from "../ui/states";
import { readAddress, updateSearch } from "./address";
import "./chart.css";
import { normalizeSymbol } from "./selectRow";
import { MarketChart } from "./MarketChart";
import { useRow } from "./useRow";

/** `/chart?id=` or `?symbol=`, with `&interval=`; without both, the market that was analysed last. */
export default function ChartPage() {
  const m = useMessages().chart;
  const [search, setSearch] = useSearchParams();
  const address = readAddress(search);
  const { row, pending, error, retry } = useRow(address);
  const exchanges = useExchanges();
  const change = (changes: Record<string, string | null>) => setSearch(updateSearch(search, changes), { replace: true });
  // Another timeframe may select another row, which has its own publications.
  const changeTimeframe = (interval: string) => change({ interval, ...(address.id === null ? { at: null } : {}) });
  if (error && !row) return <Failure error={error} retry={retry} />;
  if (pending || !exchanges) return <Loading />;
  if (!row && address.symbol === null) {
    return (
      <Empty title={m.nothing} why={m.nothingHint}>
        <Link className="button primary" to="/">
          {m.analyse}
        </Link>
      </Empty>
    );
  }
  const market = row ?? {
    exchange: address.exchange ?? exchanges.default,
    market_type: address.marketType ?? "spot",
    symbol: normalizeSymbol(address.symbol ?? ""),
  };
  return (
    <MarketChart
      key={priceKey(market)}
      market={market}
      row={row}
      interval={address.interval}
      at={address.at}
      onTimeframe={changeTimeframe}
      onAt={(at) => change({ at })}
    />
  );
}
