import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";

/** The targets of the notifier, by name. */
export function useTargets() {
  return useQuery({
    queryKey: ["targets"],
    queryFn: ({ signal }) => get("/api/v1/targets", { signal }),
    staleTime: 10_000,
  });
}
