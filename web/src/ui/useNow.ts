import { useEffect, useState } from "react";
import { onClockChange, serverNow } from "../api/serverClock";

/** The current time in ms, updated every `seconds`. */
export function useNow(seconds = 10): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const update = () => setNow(serverNow());
    const timer = setInterval(update, seconds * 1000);
    const stop = onClockChange(update);
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [seconds]);
  return now;
}
