import { useEffect, useState } from "react";

/** The time in ms, anew every so many seconds: for ages that grow while one looks at them. */
export function useNow(seconds = 10): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
  return now;
}
