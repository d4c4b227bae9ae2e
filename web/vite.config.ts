/// <reference types="vitest/config" />
import { defineConfig } from "vite";
import { bootPage } from "./bootPage";
import { precompress } from "./precompress";

const PAGES = {
  "/": "src/analysis/AnalysisPage.tsx",
  "/chart": "src/chart/ChartPage.tsx",
  "/embed/chart": "src/embed/EmbedPage.tsx",
  "/screener": "src/screener/ScreenerPage.tsx",
  "/watches": "src/watches/WatchesPage.tsx",
  "/pipeline": "src/pipeline/PipelinePage.tsx",
};
const LANGUAGES = { en: "src/i18n/en/index.ts", zh: "src/i18n/zh/index.ts" };
/** What every page needs, in one file: on a line with latency ten small files take longer than one of their size. */
const SHELL = /\/(?:src\/(?:api|board|boot|format|i18n\/\w+\.|keys\/\w*[sS]hortcuts|router|stream|ui)|node_modules\/(?:preact|@preact|@tanstack))/;

const api = process.env["STRANDLINE_API"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  plugins: [bootPage({ pages: PAGES, languages: LANGUAGES }), precompress()],
  // A tenth of React's size with the same API; types and documentation are React's (docs/adr/0046).
  resolve: {
    alias: [
      { find: /^react(-dom)?$/, replacement: "preact/compat" },
      { find: "react-dom/client", replacement: "preact/compat/client" },
      { find: "react/jsx-runtime", replacement: "preact/jsx-runtime" },
    ],
  },
  build: {
    outDir: "../api/static",
    emptyOutDir: true,
    // The content security policy allows no `data:` scripts or styles: assets must be files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    rollupOptions: {
      output: {
        // Browsers show text, and find a passage in it; Markdown many of them only save.
        assetFileNames: ({ names }) => `assets/[name]-[hash]${names[0]?.endsWith(".md") ? ".txt" : "[extname]"}`,
        manualChunks: (id) => (SHELL.test(id) ? "shell" : undefined),
      },
      onwarn: (warning, warn) => {
        // "use client" is for server rendering, which is not used here.
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") warn(warning);
      },
    },
  },
  server: { host: "127.0.0.1", fs: { allow: [".."] }, proxy: { "/api": api, "/health": api } },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test/setup.ts"],
    restoreMocks: true,
    unstubGlobals: true,
    // Test files share one environment: the tests clean up after themselves.
    pool: "threads",
    isolate: false,
    // So that the alias for React holds in it too.
    server: { deps: { inline: ["@tanstack/react-query"] } },
  },
});
