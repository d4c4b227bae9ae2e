import { useCallback, useMemo, useState } from "react";
import type { Row } from "../chart/applyResult";
import { ChartView } from "../chart/ChartView";
import { inferDecimals } from "../chart/decimals";
import { toDisplayLevels } from "../chart/displayLevels";
import { useCandles } from "../chart/useCandles";
import { useLiveLevels } from "../chart/useLiveLevels";
import { useScene } from "../chart/useScene";
import { useView } from "../chart/view";
import type { MarketName } from "../format/market";
import { formatPrice } from "../format/price";
import { useMessages } from "../i18n/language";
import { Empty, Failure, Loading } from "../ui/states";
import { usePageTitle } from "../ui/usePageTitle";
import { EmbedHead } from "./EmbedHead";

interface Props {
  market: MarketName;
  row: Row | null;
  interval: string;
}

/** A chart with its levels, without anything that changes something on the server. */
export function EmbedChart({ market, row, interval }: Props) {
  const m = useMessages().chart;
  const feed = useCandles(market, interval);
  const { candles } = feed;
  const { view } = useView();
  const [highlighted, setHighlighted] = useState<string | null>(null);
  const decimals = useMemo(() => inferDecimals(candles.map(({ close }) => close)), [candles]);
  const format = useCallback((price: number) => formatPrice(price, decimals), [decimals]);
  const published = useMemo(() => (row ? toDisplayLevels(row) : []), [row]);
  const last = candles.at(-1)?.close ?? row?.last_price ?? 0;
  const levels = useLiveLevels(published, last);
  const scene = useScene({ candles, levels, watches: NONE, highlighted, touchesOf: null, veiledAfter: null });
  const count = (side: "support" | "resistance") => levels.filter((level) => level.side === side).length;
  usePageTitle(`${market.symbol} · Strandline`);
  return (
    <>
      <EmbedHead market={market} interval={interval} last={candles.length > 0 ? format(last) : null} />
      {feed.error ? (
        <Failure error={feed.error} retry={() => void feed.retry()} />
      ) : feed.loading ? (
        <Loading />
      ) : candles.length === 0 ? (
        <Empty title={m.noCandles} why={m.noCandlesHint} />
      ) : (
        <ChartView
          key={`${interval} ${view.zone}`}
          {...{ candles, scene, format, decimals, view, levels }}
          watching={null}
          onWatch={({ id }) => setHighlighted(id)}
          label={m.canvas(market.symbol, interval, count("support"), count("resistance"))}
          older={feed.older}
          loadOlder={() => void feed.loadOlder()}
          onClick={({ id }) => setHighlighted(id)}
          onHighlight={setHighlighted}
          onDrawn={() => undefined}
          onChart={() => undefined}
        />
      )}
    </>
  );
}

const NONE = [] as const;
