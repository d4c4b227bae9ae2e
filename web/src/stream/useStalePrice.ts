import { useEffect, useState } from "react";
import type { MarketName } from "../format/market";
import { usePrice } from "./StreamProvider";

/** Prices are repeated every few seconds while unchanged. */
const STALE_AFTER_MS = 60_000;

/** Whether no price of a market has arrived for a minute, counted from its last one or from when it was shown. */
export function useStalePrice(market: MarketName): boolean {
  const at = usePrice(market)?.at ?? null;
  const [staleAt, setStaleAt] = useState<string | null | undefined>(undefined);
  useEffect(() => {
    const timer = setTimeout(() => setStaleAt(at), STALE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [at, market.exchange, market.market_type, market.symbol]);
  return staleAt === at;
}
