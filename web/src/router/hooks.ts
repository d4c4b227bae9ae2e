import { useCallback, useMemo, useSyncExternalStore } from "react";
import { navigate, subscribe, type NavigateOptions } from "./location";

type SearchInit = URLSearchParams | Record<string, string>;
export type SetSearch = (next: SearchInit | ((current: URLSearchParams) => SearchInit), options?: NavigateOptions) => void;

export function usePathname(): string {
  return useSyncExternalStore(subscribe, () => window.location.pathname);
}

/** The search parameters of the address, and a function that changes them. */
export function useSearchParams(): [URLSearchParams, SetSearch] {
  const search = useSyncExternalStore(subscribe, () => window.location.search);
  const parameters = useMemo(() => new URLSearchParams(search), [search]);
  const setSearch = useCallback<SetSearch>((next, options) => {
    const given = typeof next === "function" ? next(new URLSearchParams(window.location.search)) : next;
    navigate(`${window.location.pathname}?${new URLSearchParams(given).toString()}`.replace(/\?$/, ""), options);
  }, []);
  return [parameters, setSearch];
}
