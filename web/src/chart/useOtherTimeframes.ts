import { useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useMemo, useState, useSyncExternalStore } from "react";
import { get } from "../api/client";
import type { MarketName } from "../format/market";
import { otherTimeframes } from "../markets/storedList";
import type { DisplayLevel } from "./displayLevels";
import { sortTimeframes, toOtherLevels, type TimeframeRow } from "./otherTimeframes";
import { buildRowsQuery } from "./rowsQuery";

export interface OtherTimeframes {
  /** Those with levels, shortest first; null until they are known. */
  offered: readonly string[] | null;
  chosen: readonly string[];
  choose: (timeframes: readonly string[]) => void;
  levels: readonly DisplayLevel[];
  error: unknown;
  /** Ask which timeframes have levels. */
  open: () => void;
}

export interface TimeframesChoice {
  /** The timeframes in the address; null where it names none. */
  given: readonly string[] | null;
  onChoose: (timeframes: readonly string[]) => void;
}

const NONE: readonly TimeframeRow[] = [];

/** The levels of the other timeframes of a market that are chosen: by the address, else as the last time. */
export function useOtherTimeframes(market: MarketName, own: string | undefined, { given, onChoose }: TimeframesChoice): OtherTimeframes {
  const stored = useSyncExternalStore(otherTimeframes.subscribe, otherTimeframes.current);
  const chosen = given ?? stored;
  const [opened, setOpened] = useState(false);
  const { data, error } = useQuery({
    queryKey: ["chart", "timeframes", market],
    queryFn: async ({ signal }) => {
      const query = { ...buildRowsQuery(market), include: "levels" };
      return (await get("/api/v1/analysis/results", { query, signal })).data;
    },
    enabled: opened || chosen.length > 0,
  });
  const rows = useMemo<readonly TimeframeRow[] | undefined>(() => data?.filter(({ timeframe }) => timeframe !== own), [data, own]);
  const levels = useMemo(() => toOtherLevels(rows ?? NONE, chosen), [rows, chosen]);
  useAddress(given, stored, onChoose);
  const choose = (timeframes: readonly string[]) => {
    const next = sortTimeframes(timeframes);
    otherTimeframes.replace(next);
    onChoose(next);
  };
  const offered = rows ? sortTimeframes(rows.map(({ timeframe }) => timeframe)) : null;
  return { offered, chosen, choose, levels, error, open: () => setOpened(true) };
}

/** Put what was chosen the last time into an address without a choice, so that the address shows the same to others. */
function useAddress(given: readonly string[] | null, stored: readonly string[], onChoose: TimeframesChoice["onChoose"]): void {
  const missing = given === null && stored.length > 0;
  const write = useEffectEvent(() => onChoose(stored));
  useEffect(() => {
    if (missing) write();
  }, [missing]);
}
