import { useEffect, useState } from "react";

/** The current time in ms, updated every `seconds`. */
export function useNow(seconds = 10): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
  return now;
}
