import { useSyncExternalStore } from "react";
import { recentMarkets, stars } from "./storedList";

/** Keys of the markets with a star, in the order in which they got it. */
export function useStars(): readonly string[] {
  return useSyncExternalStore(stars.subscribe, stars.current);
}

/** Keys of the markets whose charts were opened, newest first. */
export function useRecentMarkets(): readonly string[] {
  return useSyncExternalStore(recentMarkets.subscribe, recentMarkets.current);
}
