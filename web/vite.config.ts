/// <reference types="vitest/config" />
import { defineConfig } from "vite";
import { precompress } from "./precompress";

const api = process.env["STRANDLINE_API"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  esbuild: { jsx: "automatic" },
  plugins: [precompress()],
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
  },
});
