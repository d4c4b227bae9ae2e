import { createElement, lazy, type ComponentType } from "react";
import { NotFoundPage } from "./NotFoundPage";

const PAGES: Readonly<Record<string, ComponentType>> = {
  "/": lazy(() => import("../analysis/AnalysisPage")),
  "/chart": lazy(() => import("../chart/ChartPage")),
  "/watches": lazy(() => import("../watches/WatchesPage")),
  "/pipeline": lazy(() => import("../pipeline/PipelinePage")),
};

/** The page of a path. */
export function Page({ pathname }: { pathname: string }) {
  return createElement(PAGES[pathname] ?? NotFoundPage);
}
