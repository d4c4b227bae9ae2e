import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";

/** The available exchanges, and which of them are simulated. */
export function useExchanges() {
  return useQuery({
    queryKey: ["exchanges"],
    queryFn: ({ signal }) => get("/api/v1/exchanges", { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  }).data;
}
