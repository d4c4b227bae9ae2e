import { QueryClient } from "@tanstack/react-query";
import { Problem } from "../api/problem";

/** What the pages read. The stream says when something is news, so nothing is read again for its age alone. */
export function queryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < 2 && error instanceof Problem && error.passing,
        retryDelay: (failures) => 500 * 2 ** failures,
      },
      mutations: { retry: false },
    },
  });
}
