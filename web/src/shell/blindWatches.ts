import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";

const REFRESH_MS = 15_000;

/** The number of active watches without a known price; 0 where it cannot be read. */
export function useBlindWatches(): number {
  const { data } = useQuery({
    queryKey: ["health"],
    queryFn: ({ signal }) => get("/health", { signal }),
    refetchInterval: REFRESH_MS,
    staleTime: 0,
  });
  return data?.watches_blind ?? 0;
}
