import { Link } from "../router/components";
import { marketChartUrl, type MarketName } from "../format/market";
import { useMessages } from "../i18n/language";
import { parseSuggestions } from "./suggestions";

interface Props {
  market: MarketName;
  interval: string;
  message: string;
}

/** Links to the markets that an error message suggests. */
export function SuggestedMarkets({ market, interval, message }: Props) {
  const m = useMessages();
  return parseSuggestions(message, market.market_type).map(({ symbol, market_type }) => (
    <Link key={symbol} className="button" to={marketChartUrl({ ...market, symbol, market_type }, interval)}>
      {symbol === market.symbol ? `${symbol} ${m.common[market_type]}` : symbol}
    </Link>
  ));
}
