import { useEffect, useMemo, useSyncExternalStore } from "react";
import { get } from "../api/client";
import { priceKey, type MarketName } from "../format/market";
import { useStream } from "../stream/StreamProvider";
import { CandleFeed, type Span } from "./candleFeed";
import type { Candle } from "./candles";

/** How often the open candle is read anew, for its volume; in ms. */
const PACE = 15_000;

/** The candles of a market in one timeframe, live. */
export function useCandles({ exchange, market_type, symbol }: MarketName, timeframe: string) {
  const feed = useMemo(
    () => new CandleFeed(reader({ exchange, market_type, symbol }, timeframe), timeframe),
    [exchange, market_type, symbol, timeframe],
  );
  const state = useSyncExternalStore(feed.subscribe, feed.current);
  useEffect(() => {
    feed.open();
    void feed.load();
    const timer = setInterval(() => void feed.refresh(), PACE);
    return () => {
      clearInterval(timer);
      feed.close();
    };
  }, [feed]);
  useStream("price", (tick) => {
    if (priceKey(tick) === priceKey({ exchange, market_type, symbol })) feed.priced({ price: tick.price, at: Date.parse(tick.at) });
  });
  useStream("reset", () => void feed.refresh());
  return { ...state, retry: feed.load, loadOlder: feed.loadOlder };
}

function reader(market: MarketName, interval: string) {
  return async (span: Span, signal: AbortSignal): Promise<Candle[]> => {
    const { exchange, symbol } = market;
    const market_type = market.market_type === "future" ? "future" : "spot";
    const query = { exchange, symbol, market_type, interval, ...span } as const;
    const { data } = await get("/api/v1/klines", { query, signal });
    return data.map(({ timestamp, open, high, low, close, volume }) => ({ time: timestamp, open, high, low, close, volume }));
  };
}
