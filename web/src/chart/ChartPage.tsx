import { lazy, Suspense, useState } from "react";
import { priceKey, type MarketName } from "../format/market";
import { useMessages } from "../i18n/language";
import { useShortcut } from "../keys/shortcuts";
import { useSearchParams, type SetSearch } from "../router/hooks";
import { Failure, Loading } from "../ui/states";
import { useSwitch } from "../ui/usePreference";
import { readAddress, toMarket, updateSearch, type Address } from "./address";
import "./chart.css";
import { MarketChart } from "./MarketChart";
import type { ChartLayout } from "./layout";
import { MarketResolver } from "./MarketResolver";
import { useFollowing } from "./useFollowing";
import { useFullscreen } from "./useFullscreen";
import { useRow } from "./useRow";

const Watchlist = lazy(() => import("../markets/Watchlist"));

/** `/chart?id=` or `?symbol=`, with `&interval=`; without both, the market that was analysed last. */
export default function ChartPage() {
  const [search, setSearch] = useSearchParams();
  const address = readAddress(search);
  const [shown, setShown] = useState<MarketName | null>(null);
  const [listed, setListed] = useSwitch("watchlist", true);
  const [full, setFull] = useFullscreen();
  const m = useMessages().markets;
  const following = useFollowing(shown !== null);
  const place = listed ? <div className="panel watchlist" /> : null;
  useShortcut({ combos: ["Shift+L"], group: "markets", label: m.show }, () => setListed(!listed));
  return (
    <div className="chart-layout" data-watchlist={listed || undefined} data-full={full || undefined}>
      <Suspense fallback={place}>
        {following ? <Watchlist current={toMarket(address) ?? shown} interval={address.interval} hidden={!listed} /> : place}
      </Suspense>
      <AddressedChart {...{ address, search, setSearch }} layout={{ listed, setListed, full, setFull }} onShown={setShown} />
    </div>
  );
}

interface Props {
  address: Address;
  search: URLSearchParams;
  setSearch: SetSearch;
  layout: ChartLayout;
  /** Called with the market when its candles are there. */
  onShown: (market: MarketName) => void;
}

function AddressedChart({ address, search, setSearch, layout, onShown }: Props) {
  const { id } = address;
  const market = toMarket(address);
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
      others={{ given: address.others, onChoose: (chosen) => change({ others: chosen.join(",") || null }, true) }}
      onTimeframe={changeTimeframe}
      onAt={(at) => change({ at }, true)}
      layout={layout}
      onShown={onShown}
    />
  );
}
