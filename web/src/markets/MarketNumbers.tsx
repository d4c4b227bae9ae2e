import type { MarketName } from "../format/market";
import { decimalsOf, formatPercent, formatPrice } from "../format/price";
import { usePrice } from "../stream/StreamProvider";
import { findNearestOfAll, type BoardMarket } from "./boardMarkets";

/** Price and distance to the nearest level of a market, as far as they are known. */
export function MarketNumbers({ market, board }: { market: MarketName; board: BoardMarket | undefined }) {
  const last = usePrice(market)?.price ?? board?.lastPrice;
  if (last === undefined) return null;
  const nearest = board ? findNearestOfAll(board.rows, last) : null;
  return (
    <span className="market-numbers number">
      <span>{formatPrice(last, decimalsOf(board?.lastPrice ?? last))}</span>
      <span className={nearest ? nearest.side : "quiet"}>{nearest ? formatPercent(nearest.percent) : ""}</span>
    </span>
  );
}
