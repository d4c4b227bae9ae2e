import { useEffect, useState } from "react";

/** After this time what follows no longer waits: the chart may have failed. */
const PATIENCE_MS = 2_000;

/** Whether what is less urgent may begin: when the browser is idle after `done`, or after some time without it. */
export function useFollowing(done: boolean): boolean {
  const [following, setFollowing] = useState(false);
  useEffect(() => {
    if (following) return;
    const timer = setTimeout(() => setFollowing(true), PATIENCE_MS);
    const frame = done ? requestAnimationFrame(() => setTimeout(() => setFollowing(true))) : 0;
    return () => {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    };
  }, [done, following]);
  return following;
}
