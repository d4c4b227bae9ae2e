/// <reference types="vitest/config" />
import { defineConfig } from "vite";
import { precompress } from "./precompress";

const api = process.env["STRANDLINE_API"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  plugins: [precompress()],
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
      onwarn: (warning, warn) => {
        // "use client" is for server rendering, which is not used here.
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") warn(warning);
      },
    },
  },
  server: { host: "127.0.0.1", proxy: { "/api": api, "/health": api } },
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
