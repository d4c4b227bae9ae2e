import { useEffect, useEffectEvent } from "react";
import { marketChartUrl, priceKey, type MarketName } from "../format/market";
import { useMessages } from "../i18n/language";
import { useShortcut } from "../keys/shortcuts";
import { navigate } from "../router/location";
import { Choices } from "../ui/Choices";
import { ArrowIcon } from "../ui/icons";
import { useVirtualRows } from "../ui/useVirtualRows";
import { Failure, Loading } from "../ui/states";
import { findNeighbour } from "./boardMarkets";
import "./markets.css";
import { ORDERS, useWatchlist } from "./useWatchlist";
import { WatchlistRow } from "./WatchlistRow";

const ROW_HEIGHT = 46;

interface Props {
  /** The market of the chart. */
  current: MarketName | null;
  interval: string;
  /** Hidden, it still has the keys for the previous and the next market. */
  hidden: boolean;
}

/** The markets with levels beside the chart: price, change of the day, and distance to the nearest level. */
export default function Watchlist({ current, interval, hidden }: Props) {
  const m = useMessages().markets;
  const { markets, order, setOrder, pending, error } = useWatchlist();
  const currentKey = current ? priceKey(current) : "";
  const move = (step: 1 | -1) => {
    const next = findNeighbour(markets, currentKey, step);
    if (next) navigate(marketChartUrl(next, interval));
  };
  useShortcut({ combos: ["["], group: "markets", label: m.previous }, () => move(-1));
  useShortcut({ combos: ["]"], group: "markets", label: m.next }, () => move(1));
  if (hidden) return null;
  return (
    <aside className="panel watchlist" aria-label={m.watchlist} data-testid="watchlist">
      <div className="panel-head">
        <h2>{m.watchlist}</h2>
        <span className="watchlist-steps">
          <button type="button" className="button quiet icon-only small turned" aria-label={m.previous} title={`${m.previous} [`} onClick={() => move(-1)}>
            <ArrowIcon />
          </button>
          <button type="button" className="button quiet icon-only small" aria-label={m.next} title={`${m.next} ]`} onClick={() => move(1)}>
            <ArrowIcon />
          </button>
        </span>
      </div>
      <div className="watchlist-order">
        <Choices label={m.order} value={order} choices={ORDERS.map((value) => ({ value, label: m.orders[value] }))} onChoose={setOrder} />
      </div>
      {error ? (
        <Failure error={error} />
      ) : pending ? (
        <Loading />
      ) : markets.length === 0 ? (
        <p className="quiet watchlist-empty">{order === "stars" ? m.noStars : m.empty}</p>
      ) : (
        <Rows {...{ markets, currentKey, interval }} />
      )}
    </aside>
  );
}

interface RowsProps {
  markets: ReturnType<typeof useWatchlist>["markets"];
  currentKey: string;
  interval: string;
}

function Rows({ markets, currentKey, interval }: RowsProps) {
  const { ref, from, to, before, after, show } = useVirtualRows<HTMLUListElement>(markets.length, ROW_HEIGHT);
  const at = markets.findIndex(({ key }) => key === currentKey);
  const showCurrent = useEffectEvent(() => show(at));
  useEffect(() => {
    if (currentKey) showCurrent();
  }, [currentKey]);
  return (
    <ul ref={ref} className="watchlist-rows" data-count={markets.length}>
      <li style={{ height: before }} aria-hidden="true" />
      {markets.slice(from, to).map((market, index) => (
        <WatchlistRow
          key={market.key}
          market={market}
          interval={interval}
          current={market.key === currentKey}
          position={[from + index + 1, markets.length]}
        />
      ))}
      <li style={{ height: after }} aria-hidden="true" />
    </ul>
  );
}
