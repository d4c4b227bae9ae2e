import { marketChartUrl, type MarketName } from "../format/market";
import { useMessages } from "../i18n/language";
import { useExchanges } from "../shell/exchanges";
import { useStalePrice } from "../stream/useStalePrice";

/** The market and its price, and a link to the full page in a window of its own. */
export function EmbedHead({ market, interval, last }: { market: MarketName; interval: string; last: string | null }) {
  const m = useMessages();
  const stale = useStalePrice(market);
  const simulated = useExchanges()?.simulated.includes(market.exchange);
  return (
    <header className="embed-head">
      <h1>{market.symbol}</h1>
      <span className="quiet">
        {simulated ? m.common.simulated : market.exchange} · {market.market_type === "future" ? m.common.future : m.common.spot} ·{" "}
        {interval}
      </span>
      {last !== null && <b className={stale ? "number quiet" : "number"}>{last}</b>}
      {stale && (
        <span className="badge badge-bad" title={m.chart.staleHint}>
          {m.chart.stale}
        </span>
      )}
      <a href={marketChartUrl(market, interval)} target="_blank" rel="noopener" data-testid="full-page">
        {m.chart.fullPage}
      </a>
    </header>
  );
}
