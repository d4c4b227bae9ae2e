import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import type { MarketName } from "../format/market";
import { useNow } from "../ui/useNow";
import { useEffect, useState } from "react";

const DAY_MS = 86_400_000;
const MINUTE_S = 60;
/** Rows that are only scrolled past are not read. */
const SETTLE_MS = 400;

/** The price at which a market opened at 00:00 UTC; undefined until it is read, and where it cannot be. */
export function useDayOpen({ exchange, market_type, symbol }: MarketName): number | undefined {
  const day = Math.floor(useNow(MINUTE_S) / DAY_MS);
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(true), SETTLE_MS);
    return () => clearTimeout(timer);
  }, []);
  const { data } = useQuery({
    queryKey: ["day-open", exchange, market_type, symbol, day],
    queryFn: async ({ signal }) => {
      const query = { exchange, symbol, market_type: market_type === "future" ? "future" : "spot", interval: "1d", limit: 1 } as const;
      return (await get("/api/v1/klines", { query, signal })).data.at(-1)?.open ?? null;
    },
    enabled: settled,
    staleTime: DAY_MS,
    retry: false,
  });
  return data ?? undefined;
}
