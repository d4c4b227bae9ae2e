import { createElement, lazy, type ComponentType } from "react";
import { NotFoundPage } from "./NotFoundPage";

type Loader = () => Promise<{ default: ComponentType }>;

/** Each page is a file of its own. */
const LOADERS: Readonly<Record<string, Loader>> = {
  "/": () => import("../analysis/AnalysisPage"),
  "/chart": () => import("../chart/ChartPage"),
  "/embed/chart": () => import("../embed/EmbedPage"),
  "/screener": () => import("../screener/ScreenerPage"),
  "/watches": () => import("../watches/WatchesPage"),
  "/pipeline": () => import("../pipeline/PipelinePage"),
};

const PAGES = new Map(Object.entries(LOADERS).map(([pathname, load]) => [pathname, lazy(load)]));

/** Begin to load the page of a path, before it is rendered. A failure is reported where it is rendered. */
export function preloadPage(pathname: string): void {
  LOADERS[pathname]?.().catch(() => undefined);
}

/** The page of a path. */
export function Page({ pathname }: { pathname: string }) {
  return createElement(PAGES.get(pathname) ?? NotFoundPage);
}
