import type { ReactNode } from "react";
import type { MarketName } from "../format/market";
import { useExchanges } from "../shell/exchanges";
import { useMessages } from "../i18n/language";
import { useStalePrice } from "../stream/useStalePrice";
import { ListIcon } from "./icons";
import type { ChartLayout } from "./layout";
import { TimeframeSwitch } from "./TimeframeSwitch";

interface Props {
  market: MarketName;
  timeframe: string;
  last: string | null;
  rose: boolean;
  onTimeframe: (timeframe: string) => void;
  layout: ChartLayout;
  /** Tools of the chart. */
  children: ReactNode;
}

export function ChartHead({ market, timeframe, last, rose, onTimeframe, layout, children }: Props) {
  const m = useMessages();
  const stale = useStalePrice(market);
  const simulated = useExchanges()?.simulated.includes(market.exchange);
  return (
    <div className="chart-head">
      <button
        type="button"
        className="button icon-only watchlist-toggle"
        aria-pressed={layout.listed}
        aria-label={m.markets.show}
        title={`${m.markets.show} (Shift L)`}
        onClick={() => layout.setListed(!layout.listed)}
        data-testid="toggle-watchlist"
      >
        <ListIcon />
      </button>
      <h1>
        {market.symbol}
        <span className="quiet chart-market">
          {simulated ? m.common.simulated : market.exchange} · {market.market_type === "future" ? m.common.future : m.common.spot}
        </span>
      </h1>
      {last !== null && <b className={`chart-price number ${stale ? "quiet" : rose ? "support" : "resistance"}`}>{last}</b>}
      {stale && (
        <span className="badge badge-bad" title={m.chart.staleHint} data-testid="stale-price">
          {m.chart.stale}
        </span>
      )}
      <div className="chart-choices">
        {children}
        <TimeframeSwitch timeframe={timeframe} onChoose={onTimeframe} />
      </div>
    </div>
  );
}
