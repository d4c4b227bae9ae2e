import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import { priceKey, type MarketName } from "../format/market";
import type { DisplayLevel } from "./displayLevels";
import type { LevelEvent } from "./levelLife";

const NONE: readonly LevelEvent[] = [];

/** What happened to a level, as far as its events are kept; nothing without a level. `own`: the timeframe of levels that name none. */
export function useLevelLife(market: MarketName, own: string | undefined, level: DisplayLevel | undefined): readonly LevelEvent[] {
  const timeframe = level?.timeframe ?? own;
  const id = level?.evidence?.level_id;
  const { data } = useQuery({
    queryKey: ["level-life", priceKey(market), timeframe, id],
    queryFn: ({ signal }) =>
      get("/api/v1/levels/{market}/{level_id}/events", {
        path: { market: `${priceKey(market)}:${timeframe ?? ""}`, level_id: id ?? "" },
        signal,
      }),
    enabled: id !== undefined && timeframe !== undefined,
  });
  return data?.data ?? NONE;
}
