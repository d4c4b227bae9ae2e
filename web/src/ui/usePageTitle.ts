import { useEffect } from "react";

const DEFAULT_TITLE = "Strandline";

/** Title of the browser's tab while the component is mounted. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
  useEffect(() => () => void (document.title = DEFAULT_TITLE), []);
}
