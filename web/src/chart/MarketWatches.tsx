import { Link } from "../router/components";
import { useMessages } from "../i18n/language";
import { BellIcon } from "../ui/icons";
import { type Watch, selectListed } from "./marketWatches";
import { useTimeFormat } from "../ui/useTimeFormat";

interface MarketWatchesProps {
  watches: readonly Watch[];
  format: (price: number) => string;
  onNew: () => void;
}

/** The active, paused and fired watches of this market. */
export function MarketWatches({ watches, format, onNew }: MarketWatchesProps) {
  const m = useMessages().chart;
  const listed = selectListed(watches);
  return (
    <section className="panel watch-panel" aria-labelledby="watches-head">
      <div className="panel-head">
        <h2 id="watches-head">
          <Link to="/watches">{m.watches}</Link>
        </h2>
        <button type="button" className="button small" onClick={onNew} data-testid="watch-price">
          <BellIcon />
          {m.watchHere}
        </button>
      </div>
      {listed.length === 0 ? (
        <p className="level-hint quiet">{m.noWatches}</p>
      ) : (
        <ul className="market-watches" aria-live="polite">
          {listed.map((watch) => (
            <MarketWatch key={watch.id} watch={watch} format={format} />
          ))}
        </ul>
      )}
    </section>
  );
}

function MarketWatch({ watch, format }: { watch: Watch; format: (price: number) => string }) {
  const m = useMessages();
  const formatTime = useTimeFormat();
  const { side, target, state, condition, last_fired_at, last_fired_price } = watch;
  return (
    <li data-testid="market-watch" data-id={watch.id} data-state={state} data-target={target} data-side={side}>
      <span className={`watch-side ${side === "long" ? "support" : "resistance"}`}>{m.common[side]}</span>
      <b className="number">{format(target)}</b>
      <span className="quiet">{m.watches.conditions[condition]}</span>
      <span className={state === "fired" ? "badge badge-good" : "badge"}>{m.watches.states[state]}</span>
      {last_fired_at && last_fired_price != null && (
        <span className="watch-fired quiet number">
          {m.chart.firedAt(format(last_fired_price), formatTime(last_fired_at))}
        </span>
      )}
    </li>
  );
}
