import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import { toQuery, type Question } from "./question";

const LIMIT = 100;
/** Prices move all the time, and an answer is cheap. A hidden page does not ask. */
const INTERVAL_MS = 1_000;

/** The levels near the price, asked for again every second while the page is visible. */
export function useNearLevels(question: Question) {
  const query = { ...toQuery(question), limit: LIMIT };
  return useQuery({
    queryKey: ["near", query],
    queryFn: ({ signal }) => get("/api/v1/levels/near", { query, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: INTERVAL_MS,
  });
}
