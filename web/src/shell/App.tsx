import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, useState } from "react";
import { createBrowserRouter, RouterProvider } from "react-router";
import { LanguageProvider } from "../i18n/language";
import { StreamProvider } from "../stream/StreamProvider";
import { ThemeProvider } from "../ui/theme";
import { Layout } from "./Layout";
import { NotFoundPage } from "./NotFoundPage";
import { PageError } from "./PageError";
import { createQueryClient } from "./queries";
import { Toasts } from "./Toasts";

const AnalysisPage = lazy(() => import("../analysis/AnalysisPage"));
const ChartPage = lazy(() => import("../chart/ChartPage"));
const WatchesPage = lazy(() => import("../watches/WatchesPage"));
const PipelinePage = lazy(() => import("../pipeline/PipelinePage"));

const PAGES = [
  { path: "/", Component: AnalysisPage },
  { path: "/chart", Component: ChartPage },
  { path: "/watches", Component: WatchesPage },
  { path: "/pipeline", Component: PipelinePage },
  { path: "*", Component: NotFoundPage },
].map((page) => ({ ...page, ErrorBoundary: PageError }));

export function App() {
  const [queries] = useState(createQueryClient);
  const [router] = useState(() => createBrowserRouter([{ Component: Layout, children: PAGES }]));
  return (
    // The content security policy allows no inline style elements.
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queries}>
        <LanguageProvider>
          <ThemeProvider>
            <StreamProvider>
              <Toasts>
                <RouterProvider router={router} />
              </Toasts>
            </StreamProvider>
          </ThemeProvider>
        </LanguageProvider>
      </QueryClientProvider>
    </CSPProvider>
  );
}
