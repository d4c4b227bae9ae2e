import { Link } from "../router/components";
import { decimalsOf, formatPercent } from "../format/price";
import { formatMoment } from "../format/time";
import { useLanguage } from "../i18n/language";
import { distance } from "../format/distance";
import { usePrice } from "../stream/StreamProvider";
import { Ago } from "../ui/Ago";
import { MarketLabel } from "../ui/MarketLabel";
import { Price } from "../ui/Price";
import { LateBadge } from "./LateBadge";
import { WatchActions, type WatchHandlers } from "./WatchActions";
import type { Watch } from "./draft";
import { marketChartUrl } from "../format/market";

const TONE: Record<Watch["state"], string> = {
  active: "badge-busy",
  paused: "",
  fired: "badge-good",
  expired: "",
  cancelled: "",
};

/** One watch. Its distance to the target follows the live ticks. */
export function WatchRow({ watch, now, handlers }: { watch: Watch; now: number; handlers: WatchHandlers }) {
  const { messages: m, locale } = useLanguage();
  const last = usePrice(watch)?.price ?? watch.last_price ?? null;
  const decimals = decimalsOf(watch.target);
  const tone = watch.side === "long" ? "support" : "resistance";
  return (
    <tr data-testid="watch" data-id={watch.id} data-state={watch.state} data-symbol={watch.symbol}>
      <th scope="row" className="cell-market">
        <Link to={marketChartUrl(watch, watch.timeframe)} className="symbol">
          {watch.symbol}
        </Link>
        <MarketLabel exchange={watch.exchange} market_type={watch.market_type} />
      </th>
      <td className="cell-what">
        <span className={`side ${tone}`}>{m.common[watch.side]}</span>{" "}
        <span>
          {m.watches.conditions[watch.condition]}
          {watch.timeframe && watch.condition.startsWith("close") ? ` (${watch.timeframe})` : ""}
        </span>
        {watch.note && <div className="quiet note">{watch.note}</div>}
      </td>
      <td className="cell-target" data-label={m.watches.target}>
        <span className={tone}>
          <Price value={watch.target} decimals={decimals} />
        </span>
        {watch.level_id !== null && (
          <div className="quiet small">{m.watches.bound[watch.on_move ?? "follow"]}</div>
        )}
      </td>
      <td className="cell-now" data-label={m.watches.now}>
        {last === null ? <span className="quiet">–</span> : <Price value={last} decimals={decimals} />}
        {watch.blind_since && watch.price_at && (
          <div className="quiet small" title={formatMoment(watch.price_at, locale)}>
            {m.watches.priceOf} <Ago time={watch.price_at} now={now} />
          </div>
        )}
      </td>
      <td className="cell-distance number" data-label={m.watches.toTarget} data-testid="distance">
        {last === null ? <span className="quiet">–</span> : formatPercent(distance(watch.target, last))}
      </td>
      <td className="cell-state">
        {watch.blind_since ? (
          <>
            <span className="badge badge-bad" title={m.watches.blindHint} data-testid="blind">
              {m.watches.blind}
            </span>
            <div className="quiet small">
              {m.watches.blindSince} <Ago time={watch.blind_since} now={now} />
            </div>
          </>
        ) : (
          <span className={`badge ${TONE[watch.state]}`}>{m.watches.states[watch.state]}</span>
        )}
        {watch.expires_at && watch.state === "active" && (
          <div className="quiet small" title={formatMoment(watch.expires_at, locale)}>
            {m.watches.expiry} {new Date(watch.expires_at).toLocaleDateString(locale)}
          </div>
        )}
      </td>
      <td className="cell-fires" data-label={m.watches.lastFired}>
        {watch.last_fired_at ? (
          <>
            <Ago time={watch.last_fired_at} now={now} /> {watch.last_fired_late && <LateBadge />}
            <div className="quiet small">{m.watches.timesFired(watch.fires)}</div>
          </>
        ) : (
          <span className="quiet">{m.common.never}</span>
        )}
      </td>
      <td className="cell-action">
        <WatchActions watch={watch} handlers={handlers} />
      </td>
    </tr>
  );
}
