import { useCallback, useMemo, useState } from "react";
import { formatPrice } from "../format/price";
import type { MarketName } from "../format/market";
import { useMessages } from "../i18n/language";
import { Empty, Failure, Loading } from "../ui/states";
import { ChartHead } from "./ChartHead";
import { ChartView } from "./ChartView";
import { decimalsIn } from "./decimals";
import { HistorySlider } from "./HistorySlider";
import { LevelPanel } from "./LevelPanel";
import { shownLevels, type ShownLevel } from "./shownLevels";
import { useCandles } from "./useCandles";
import { usePublications } from "./usePublications";
import { MarketWatches } from "./MarketWatches";
import { subjectOf } from "./subjectOf";
import { useScene } from "./useScene";
import { useWatches } from "./useWatches";
import { drawnWatches } from "./firedWatches";
import { WatchDialog } from "../watches/WatchDialog";
import type { WatchSubject } from "../watches/draft";
import type { Row } from "./withResult";

interface Charted {
  market: MarketName;
  row: Row | null;
  /** Of the candles; the row has a timeframe of its own. */
  interval: string;
  at: string | null;
  onTimeframe: (timeframe: string) => void;
  /** Show what was published by that time; null: what holds now. */
  onAt: (at: string | null) => void;
}

/** One market: its candles, and the levels of its row over them. */
export function MarketChart({ market, row, interval, at, onTimeframe, onAt }: Charted) {
  const m = useMessages().chart;
  const feed = useCandles(market, interval);
  const { publications, shown, error, loadEarlier } = usePublications(row?.id ?? null, at);
  const leveled = at === null ? row : shown;
  const levels = useMemo(() => (leveled ? shownLevels(leveled) : []), [leveled]);
  const [places, setPlaces] = useState<ReadonlyMap<string, number>>(new Map());
  const [pointed, setPointed] = useState<string | null>(null);
  const [touched, setTouched] = useState<string | null>(null);
  const [fitLevels, setFitLevels] = useState(true);
  const [subject, setSubject] = useState<WatchSubject | null>(null);

  const { candles } = feed;
  const decimals = useMemo(() => decimalsIn(candles.map(({ close }) => close)), [candles]);
  const format = useCallback((price: number) => formatPrice(price, decimals), [decimals]);
  const veiledAfter = shown?.candle_at ? Date.parse(shown.candle_at) : null;
  const watches = useWatches(market);
  const lines = useMemo(() => drawnWatches(watches, m.watchLabel), [watches, m]);
  const scene = useScene({ candles, levels, watches: lines, pointed, touched, veiledAfter });
  const last = candles.at(-1)?.close ?? row?.last_price ?? 0;
  const watch = (level: ShownLevel) => setSubject(subjectOf(market, last, level, at === null ? row : null));
  const count = (side: ShownLevel["side"]) => levels.filter((level) => level.side === side).length;
  return (
    <div className="chart-page">
      <title>{`${market.symbol} ${candles.length > 0 ? format(last) : ""} · Strandline`}</title>
      <ChartHead
        market={market}
        timeframe={interval}
        last={candles.length > 0 ? format(last) : null}
        rose={last >= (candles.at(-1)?.open ?? 0)}
        fitLevels={fitLevels}
        onFit={setFitLevels}
        onTimeframe={onTimeframe}
      />
      <section className="panel chart-main">
        {feed.error ? (
          <Failure error={feed.error} retry={() => void feed.retry()} />
        ) : feed.loading ? (
          <Loading />
        ) : candles.length === 0 ? (
          <Empty title={m.noCandles} why={m.noCandlesWhy} />
        ) : (
          <ChartView
            key={interval}
            {...{ candles, scene, format, decimals, fitLevels }}
            label={m.canvas(market.symbol, interval, count("support"), count("resistance"))}
            older={feed.older}
            loadOlder={() => void feed.loadOlder()}
            onClick={(hit) => {
              const level = levels.find(({ id }) => id === hit.id);
              if (level && hit.part === "line") watch(level);
              else setPointed(hit.id);
            }}
            onPoint={setPointed}
            onDrawn={(drawn) => setPlaces(new Map(drawn.map(({ id, y }) => [id, Math.round(y * 100) / 100])))}
          />
        )}
        {row && (
          <HistorySlider
            publications={publications}
            shown={shown?.analyzed_at ?? null}
            choose={onAt}
            loadEarlier={loadEarlier}
          />
        )}
      </section>
      {(row || !feed.error) && (
        <div className="chart-side">
          <LevelPanel
            {...{ market, row, levels, last, places, pointed, format, interval, error }}
            touched={touched && scene.touches ? { id: touched, marked: scene.touches.visits.length } : null}
            past={at === null ? null : (shown?.analyzed_at ?? at)}
            onWatch={watch}
            onPoint={setPointed}
            onTouches={setTouched}
          />
          <MarketWatches
            watches={watches}
            format={format}
            onNew={() => setSubject(subjectOf(market, last, null, null))}
          />
        </div>
      )}
      <WatchDialog subject={subject} onClose={() => setSubject(null)} />
    </div>
  );
}
