import { useEffect, useMemo, useSyncExternalStore } from "react";
import { get } from "../api/client";
import { priceKey, type MarketName } from "../format/market";
import { useStream } from "../stream/StreamProvider";
import { CandleFeed } from "./candleFeed";
import { buildCandleQuery, type CandleSpan } from "./candleQuery";
import type { Candle } from "./candles";

/** How often the open candle is refreshed, mainly for its volume. */
const REFRESH_MS = 15_000;

/** The live candles of a market in one timeframe. */
export function useCandles({ exchange, market_type, symbol }: MarketName, timeframe: string) {
  const feed = useMemo(
    () => new CandleFeed(createReader({ exchange, market_type, symbol }, timeframe), timeframe),
    [exchange, market_type, symbol, timeframe],
  );
  const state = useSyncExternalStore(feed.subscribe, feed.current);
  useEffect(() => {
    feed.open();
    void feed.load();
    const timer = setInterval(() => void feed.refresh(), REFRESH_MS);
    return () => {
      clearInterval(timer);
      feed.close();
    };
  }, [feed]);
  useStream("price", (tick) => {
    if (priceKey(tick) === priceKey({ exchange, market_type, symbol })) feed.applyPrice({ price: tick.price, at: Date.parse(tick.at) });
  });
  useStream("reset", () => void feed.refresh());
  return { ...state, retry: feed.load, loadOlder: feed.loadOlder };
}

function createReader(market: MarketName, interval: string) {
  return async (span: CandleSpan, signal: AbortSignal): Promise<Candle[]> => {
    const { data } = await get("/api/v1/klines", { query: buildCandleQuery(market, interval, span), signal });
    return data.map(({ timestamp, open, high, low, close, volume }) => ({ time: timestamp, open, high, low, close, volume }));
  };
}
