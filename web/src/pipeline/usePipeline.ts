import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import type { components } from "../api/schema";

export type Pipeline = components["schemas"]["PipelineStatus"];

const REFRESH_MS = 5_000;

export function usePipeline() {
  return useQuery({
    queryKey: ["pipeline"],
    queryFn: ({ signal }) => get("/api/v1/pipeline", { signal }),
    refetchInterval: REFRESH_MS,
    staleTime: 0,
  });
}
