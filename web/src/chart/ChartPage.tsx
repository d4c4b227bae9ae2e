import { useSearchParams } from "../router/hooks";
import { priceKey } from "../format/market";
import { Failure, Loading } from "../ui/states";
import { readAddress, updateSearch } from "./address";
import "./chart.css";
import { MarketChart } from "./MarketChart";
import { MarketResolver } from "./MarketResolver";
import { normalizeSymbol } from "./selectRow";
import { useRow } from "./useRow";

/** `/chart?id=` or `?symbol=`, with `&interval=`; without both, the market that was analysed last. */
export default function ChartPage() {
  const [search, setSearch] = useSearchParams();
  const address = readAddress(search);
  const { id, symbol, exchange, marketType } = address;
  const market =
    id === null && symbol !== null && exchange && marketType
      ? { symbol: normalizeSymbol(symbol), exchange, market_type: marketType }
      : null;
  const { row, pending, error, retry } = useRow(id, market, address.interval);
  const change = (changes: Record<string, string | null>, replace = false) =>
    setSearch(updateSearch(search, changes), { replace });
  // Another timeframe may select another row, which has its own publications.
  const changeTimeframe = (interval: string) => change({ interval, ...(id === null ? { at: null } : {}) });
  if (id === null && market === null) return <MarketResolver address={address} />;
  if (error && !row) return <Failure error={error} retry={retry} />;
  const shown = row ?? market;
  if (pending || !shown) return <Loading />;
  return (
    <MarketChart
      key={priceKey(shown)}
      market={shown}
      row={row}
      interval={address.interval}
      unknownInterval={address.unknownInterval}
      at={address.at}
      onTimeframe={changeTimeframe}
      onAt={(at) => change({ at }, true)}
    />
  );
}
