import { useEffect, useState } from "react";

/**
 * Whether the chart has the whole screen. The page is what becomes fullscreen, so that dialogs and notifications stay
 * visible; where the browser refuses, as on phones, the chart fills its window.
 */
export function useFullscreen(): [boolean, (full: boolean) => void] {
  const [full, setFull] = useState(false);
  useEffect(() => {
    const onChange = () => {
      if (!document.fullscreenElement) setFull(false);
    };
    document.addEventListener("fullscreenchange", onChange);
    return () => {
      document.removeEventListener("fullscreenchange", onChange);
      leave();
    };
  }, []);
  const change = (next: boolean) => {
    setFull(next);
    if (!next) leave();
    else document.documentElement.requestFullscreen().catch(() => undefined); // it fills the window
  };
  return [full, change];
}

function leave(): void {
  if (document.fullscreenElement) void document.exitFullscreen();
}
