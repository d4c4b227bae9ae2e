import { formatMoment } from "../format/time";
import { useLanguage, useMessages } from "../i18n/language";
import { useConnectionState } from "../stream/StreamProvider";
import type { Pipeline } from "./usePipeline";

/** Whether database, broker and stream respond. */
export function ServicesPanel({ pipeline }: { pipeline: Pipeline }) {
  const m = useMessages().pipeline;
  const connection = useConnectionState();
  return (
    <section className="panel" aria-labelledby="services-title">
      <div className="panel-head">
        <h2 id="services-title">{m.services}</h2>
      </div>
      <ul className="services">
        <Service name={m.database} up={pipeline.database} />
        <Service name={m.broker} up={pipeline.broker} />
        <Service name={m.stream} up={connection === "live"} />
        {pipeline.sight && <Sight sight={pipeline.sight} />}
        {pipeline.targets.map((target) => (
          <TargetState key={target.name} target={target} />
        ))}
        {pipeline.feeds.map((feed) => (
          <Feed key={`${feed.exchange} ${feed.market_type} ${feed.share}`} feed={feed} />
        ))}
        {pipeline.canary && <Canary canary={pipeline.canary} />}
      </ul>
    </section>
  );
}

/** How many watches see their price, and the markets of those that do not. */
function Sight({ sight }: { sight: NonNullable<Pipeline["sight"]> }) {
  const { messages, locale } = useLanguage();
  const m = messages.pipeline;
  return (
    <>
      <li>
        <span title={m.sightHint}>{m.sight}</span>
        <span className={`badge ${sight.blind > 0 ? "badge-bad" : "badge-good"}`} data-testid="sight">
          {sight.blind > 0 ? m.blind(sight.blind, sight.watches) : m.allSee(sight.watches)}
        </span>
      </li>
      {sight.markets.map((one) => (
        <li key={one.market} data-testid="blind-market">
          <span>{one.market.replaceAll(":", " ")}</span>
          <span className="quiet">
            {m.priceKnownUntil} {one.price_at ? formatMoment(one.price_at, locale) : messages.common.never}
          </span>
        </li>
      ))}
    </>
  );
}

/** Whether the notifier reaches a target; of one that has ended, since when, and which address it had. */
function TargetState({ target: { name, state, gone_at, address_hash } }: { target: Pipeline["targets"][number] }) {
  const { messages, locale } = useLanguage();
  const m = messages.pipeline;
  return (
    <li data-testid="pipeline-target">
      <div>
        {m.target} {name}
        {gone_at && (
          <p className="quiet small">
            {m.goneSince(formatMoment(gone_at, locale))} {address_hash && m.addressHash(address_hash)}
          </p>
        )}
      </div>
      <span className={`badge ${state === "ok" ? "badge-good" : "badge-bad"}`}>{messages.delivery.states[state]}</span>
    </li>
  );
}

const MAX_FEED_AGE = 180;

/** How many instruments a feed follows, and the age of its newest closed minute. */
function Feed({ feed }: { feed: Pipeline["feeds"][number] }) {
  const m = useMessages().pipeline;
  const tone = feed.age_seconds <= MAX_FEED_AGE ? "badge-good" : "badge-bad";
  const share = feed.share === "1/1" ? "" : ` ${feed.share}`;
  return (
    <li>
      <span title={m.feedHint}>
        {m.feed} {feed.exchange} {feed.market_type}
        {share}
      </span>
      <span className={`badge ${tone}`} data-testid="feed">
        {m.feedAge(feed.markets, feed.age_seconds.toFixed(0))}
      </span>
    </li>
  );
}

const MAX_CANARY_AGE = 180;

/** The seconds of the latest answered test request, and its age. */
function Canary({ canary }: { canary: NonNullable<Pipeline["canary"]> }) {
  const m = useMessages().pipeline;
  const tone = canary.age_seconds <= MAX_CANARY_AGE ? "badge-good" : "badge-bad";
  return (
    <li>
      <span title={m.canaryHint}>{m.canary}</span>
      <span className={`badge ${tone}`} data-testid="canary">
        {m.canaryAnswer(canary.seconds.toFixed(1), canary.age_seconds.toFixed(0))}
      </span>
    </li>
  );
}

function Service({ name, up }: { name: string; up: boolean }) {
  const m = useMessages().pipeline;
  return (
    <li>
      <span>{name}</span>
      <span className={`badge ${up ? "badge-good" : "badge-bad"}`}>{up ? m.up : m.down}</span>
    </li>
  );
}
