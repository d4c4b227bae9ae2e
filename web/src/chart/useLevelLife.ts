import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import { priceKey, type MarketName } from "../format/market";
import type { LevelEvent } from "./levelLife";

const NONE: readonly LevelEvent[] = [];

/** What happened to a level, as far as its events are kept; nothing while none is selected. */
export function useLevelLife(market: MarketName, timeframe: string | undefined, level: string | null): readonly LevelEvent[] {
  const { data } = useQuery({
    queryKey: ["level-life", priceKey(market), timeframe, level],
    queryFn: ({ signal }) =>
      get("/api/v1/levels/{market}/{level_id}/events", {
        path: { market: `${priceKey(market)}:${timeframe ?? ""}`, level_id: level ?? "" },
        signal,
      }),
    enabled: level !== null && timeframe !== undefined,
  });
  return data?.data ?? NONE;
}
