/// <reference types="vitest/config" />
import { defineConfig } from "vite";

const api = process.env["STRANDLINE_API"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  esbuild: { jsx: "automatic" },
  build: {
    outDir: "../api/static",
    emptyOutDir: true,
    // The content security policy allows no `data:` scripts or styles: whatever is loaded is a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    rollupOptions: {
      onwarn: (warning, warn) => {
        // "use client" is for servers that render; there is none here.
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
    // One environment for many files: the tests leave nothing behind.
    pool: "threads",
    isolate: false,
  },
});
