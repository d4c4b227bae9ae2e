import { memo } from "react";
import { distance } from "../format/distance";
import { marketChartUrl } from "../format/market";
import { decimalsOf, formatPercent, formatPrice } from "../format/price";
import { useMessages } from "../i18n/language";
import { Link } from "../router/components";
import { usePrice } from "../stream/StreamProvider";
import { MarketLabel } from "../ui/MarketLabel";
import { findNearestOfAll, type BoardMarket } from "./boardMarkets";
import { StarButton } from "./StarButton";
import { useDayOpen } from "./useDayOpen";

interface Props {
  market: BoardMarket;
  interval: string;
  current: boolean;
  /** Its place in the list, and the length of the list, of which only a part is rendered. */
  position: readonly [place: number, of: number];
}

/** One market of the watchlist; its numbers follow the live price. */
export const WatchlistRow = memo(function WatchlistRow({ market, interval, current, position }: Props) {
  const m = useMessages().markets;
  const last = usePrice(market)?.price ?? market.lastPrice;
  const open = useDayOpen(market);
  const nearest = findNearestOfAll(market.rows, last);
  return (
    <li
      className="watchlist-row"
      aria-posinset={position[0]}
      aria-setsize={position[1]}
      data-testid="watchlist-row"
      data-symbol={market.symbol}
      data-type={market.market_type}
      data-current={current || undefined}
    >
      <StarButton marketKey={market.key} symbol={market.symbol} />
      <Link to={marketChartUrl(market, interval)} {...(current ? { "aria-current": "true" as const } : {})}>
        <b>{market.symbol}</b>
        <span className="number watchlist-price">{formatPrice(last, decimalsOf(market.lastPrice))}</span>
        <MarketLabel {...market} />
        <span className="number watchlist-change" title={m.changeHint}>
          {open === undefined ? "" : formatPercent(distance(last, open))}
        </span>
        {nearest && (
          <span className={`number watchlist-nearest ${nearest.side}`} title={m.nearestHint} data-testid="nearest">
            {formatPercent(nearest.percent)}
          </span>
        )}
      </Link>
    </li>
  );
}, isSameRow);

function isSameRow(one: Props, other: Props): boolean {
  return (
    one.market === other.market &&
    one.interval === other.interval &&
    one.current === other.current &&
    one.position[0] === other.position[0] &&
    one.position[1] === other.position[1]
  );
}
