import { useCallback, useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { formatPrice } from "../format/price";
import { formatStamp } from "../format/zonedTime";
import { priceKey, type MarketName } from "../format/market";
import { useMessages } from "../i18n/language";
import { recentMarkets } from "../markets/storedList";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Empty, Failure, Loading } from "../ui/states";
import { useToasts } from "../ui/toasts";
import { usePageTitle } from "../ui/usePageTitle";
import { ChartHead } from "./ChartHead";
import type { CandleChart } from "./canvas/openChart";
import { ChartView } from "./ChartView";
import { inferDecimals } from "./decimals";
import { EdgeLevels } from "./EdgeLevels";
import { LevelTable } from "./LevelTable";
import { HistorySlider } from "./HistorySlider";
import type { DrawnLevel } from "./hitTest";
import type { ChartLayout } from "./layout";
import { savePicture } from "./savePicture";
import { SuggestedMarkets } from "./SuggestedMarkets";
import { mergeLevels } from "./otherTimeframes";
import { TimeframesMenu } from "./TimeframesMenu";
import { useOtherTimeframes, type TimeframesChoice } from "./useOtherTimeframes";
import { LevelPanel } from "./LevelPanel";
import { toDisplayLevels, type DisplayLevel } from "./displayLevels";
import { useView } from "./view";
import { ViewMenu } from "./ViewMenu";
import { useLiveLevels } from "./useLiveLevels";
import { useCandles } from "./useCandles";
import { usePublications } from "./usePublications";
import { MarketWatches } from "./MarketWatches";
import { buildWatchSubject } from "./watchSubject";
import { useLevelLife } from "./useLevelLife";
import { useScene } from "./useScene";
import { useMarketWatches } from "./useMarketWatches";
import { useMoveWatch } from "./useMoveWatch";
import { toWatchLines } from "./marketWatches";
import { WatchDialog } from "../watches/WatchDialog";
import type { WatchSubject } from "../watches/draft";
import type { Row } from "./applyResult";

interface Props {
  market: MarketName;
  row: Row | null;
  /** Timeframe of the candles; that of the row may differ. */
  interval: string;
  /** What the address has instead of a timeframe. */
  unknownInterval: string | null;
  at: string | null;
  others: TimeframesChoice;
  onTimeframe: (timeframe: string) => void;
  /** Show the levels published by that time; null for the newest. */
  onAt: (at: string | null) => void;
  layout: ChartLayout;
  /** Called with the market when its candles are there. */
  onShown: (market: MarketName) => void;
}

const NO_LEVELS: readonly DisplayLevel[] = [];

/** The chart of one market: its candles, and the levels of its row over them. */
export function MarketChart({ market, row, interval, unknownInterval, at, others: choice, onTimeframe, onAt, layout, onShown }: Props) {
  const m = useMessages().chart;
  const feed = useCandles(market, interval);
  const { publications, shown, error, loadEarlier } = usePublications(row?.id ?? null, at);
  const source = at === null ? row : shown;
  const published = useMemo(() => (source ? toDisplayLevels(source) : []), [source]);
  const [drawn, setDrawn] = useState<readonly DrawnLevel[]>([]);
  const [highlighted, setHighlighted] = useState<string | null>(null);
  const [touchesOf, setTouchesOf] = useState<string | null>(null);
  const { view, change: changeView } = useView();
  const chart = useRef<CandleChart | null>(null);
  const [subject, setSubject] = useState<WatchSubject | null>(null);

  const { candles } = feed;
  const hasCandles = candles.length > 0;
  const show = useEffectEvent(() => {
    recentMarkets.addFirst(priceKey(market));
    onShown(market);
  });
  useEffect(() => {
    if (hasCandles) show();
  }, [hasCandles]);
  const decimals = useMemo(() => inferDecimals(candles.map(({ close }) => close)), [candles]);
  const format = useCallback((price: number) => formatPrice(price, decimals), [decimals]);
  const veiledAfter = shown?.candle_at ? Date.parse(shown.candle_at) : null;
  const watches = useMarketWatches(market);
  const moving = useMoveWatch(format);
  const lines = useMemo(() => toWatchLines(watches, m.watchLabel, moving.moved), [watches, m, moving.moved]);
  const last = candles.at(-1)?.close ?? row?.last_price ?? 0;
  // Past levels stay as they were published.
  const others = useOtherTimeframes(market, row?.timeframe, choice);
  const shownOthers = at === null ? others.levels : NO_LEVELS;
  const all = useMemo(() => mergeLevels(published, shownOthers, row?.timeframe ?? interval), [published, shownOthers, row?.timeframe, interval]);
  const levels = useLiveLevels(all, at === null ? last : null);
  const life = useLevelLife(market, row?.timeframe, levels.find(({ id }) => id === touchesOf));
  const scene = useScene({ candles, levels, watches: lines, highlighted, touchesOf, life, veiledAfter });
  const watch = (level: DisplayLevel) => setSubject(buildWatchSubject(market, last, level, at === null ? row : null));
  const watchPrice = () => setSubject(buildWatchSubject(market, last, null, null));
  const toasts = useToasts();
  const saveChart = () => {
    const canvas = chart.current?.draw();
    if (!canvas) return;
    const title = `${market.symbol} · ${market.exchange} ${market.market_type} · ${interval} · ${format(last)} · ${formatStamp(Date.now(), view.zone)}`;
    const name = `${market.symbol}-${interval}-${formatStamp(Date.now(), view.zone).replace(/[ :]/g, "-")}`;
    savePicture({ chart: canvas, title, name }).catch(() => toasts.add({ title: m.view.pictureFailed, type: "error" }));
  };
  const count = (side: DisplayLevel["side"]) => levels.filter((level) => level.side === side).length;
  usePageTitle(`${market.symbol} ${candles.length > 0 ? format(last) : ""} · Strandline`);
  return (
    <div className="chart-page">
      <ChartHead
        market={market}
        timeframe={interval}
        last={candles.length > 0 ? format(last) : null}
        rose={last >= (candles.at(-1)?.open ?? 0)}
        onTimeframe={onTimeframe}
        layout={layout}
      >
        <ViewMenu view={view} onChange={changeView} onPicture={saveChart} full={layout.full} onFull={layout.setFull}>
          <TimeframesMenu others={others} past={at !== null} />
        </ViewMenu>
      </ChartHead>
      {unknownInterval !== null && (
        <p className="chart-notice" role="status">
          {m.unknownTimeframe(unknownInterval, interval)}
        </p>
      )}
      <ErrorNotice error={moving.error} retry={moving.retry} />
      <section className="panel chart-main">
        {feed.error ? (
          <Failure error={feed.error} retry={() => void feed.retry()}>
            <SuggestedMarkets market={market} interval={interval} message={errorMessage(feed.error)} />
          </Failure>
        ) : feed.loading ? (
          <Loading />
        ) : candles.length === 0 ? (
          <Empty title={m.noCandles} why={m.noCandlesHint} />
        ) : view.table ? (
          <LevelTable {...{ levels, last, format }} onWatch={watch} />
        ) : (
          <ChartView
            key={`${interval} ${view.zone}`}
            {...{ candles, scene, format, decimals, view, levels }}
            onWatch={watch}
            label={m.canvas(market.symbol, interval, count("support"), count("resistance"))}
            older={feed.older}
            loadOlder={() => void feed.loadOlder()}
            onClick={(hit) => {
              const level = levels.find(({ id }) => id === hit.id);
              if (level && hit.part === "line") watch(level);
              else setHighlighted(hit.id);
            }}
            onHighlight={setHighlighted}
            watching={{
              onPrice: (price) => setSubject(buildWatchSubject(market, last, null, null, price ?? last)),
              watches,
              onMove: moving.setMoved,
              onDrop: moving.drop,
            }}
            onDrawn={setDrawn}
            onChart={(open) => (chart.current = open)}
          >
            <EdgeLevels
              levels={levels.filter(({ timeframe }) => timeframe === undefined)}
              {...{ drawn, format }}
              onWatch={watch}
              onHighlight={setHighlighted}
              onFit={() => changeView({ fitLevels: true })}
            />
          </ChartView>
        )}
        {row && (
          <HistorySlider
            publications={publications}
            shown={shown?.analyzed_at ?? null}
            onChoose={onAt}
            loadEarlier={loadEarlier}
          />
        )}
      </section>
      {(row || !feed.error) && (
        <div className="chart-side">
          <LevelPanel
            {...{ market, row, levels, last, drawn, highlighted, format, interval, error }}
            touchesOf={touchesOf && scene.touches ? { id: touchesOf, marked: scene.touches.visits.length } : null}
            past={at === null ? null : (shown?.analyzed_at ?? at)}
            onWatch={watch}
            onHighlight={setHighlighted}
            onTouches={setTouchesOf}
          />
          <MarketWatches
            watches={watches}
            format={format}
            onNew={watchPrice}
          />
        </div>
      )}
      <WatchDialog subject={subject} onClose={() => setSubject(null)} />
    </div>
  );
}

function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : "";
}
