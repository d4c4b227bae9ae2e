import { defineConfig } from "@playwright/test";
import { CHROMIUM, CLOSED_PORT, DATA, HOST_SITE, PORT, READ_KEY, SIMULATOR_PORT, STRANDLINE } from "./e2e/support/stand";

/** Browsers can subscribe; nothing is sent, because the notifier has no key. The specs deliver messages themselves. */
const VAPID_PUBLIC_KEY = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

/** Each run has a `strandline up` of its own, whose simulated exchange the tests control. */
export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  fullyParallel: false,
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 30_000 },
  forbidOnly: true,
  reporter: [["list"]],
  globalTeardown: "./e2e/support/teardown.ts",
  use: {
    baseURL: `http://127.0.0.1:${PORT}`,
    viewport: { width: 1440, height: 900 },
    colorScheme: "dark",
    locale: "en-GB",
    timezoneId: "UTC",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: CHROMIUM,
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    },
  },
  webServer: [
    {
      command: `${STRANDLINE} simulator --port ${SIMULATOR_PORT}`,
      url: `http://127.0.0.1:${SIMULATOR_PORT}/simulator`,
      timeout: 120_000,
      gracefulShutdown: { signal: "SIGINT", timeout: 20_000 },
    },
    {
      command: `${STRANDLINE} up`,
      url: `http://127.0.0.1:${PORT}/health`,
      timeout: 180_000,
      gracefulShutdown: { signal: "SIGINT", timeout: 30_000 },
      env: {
        STRANDLINE_HTTP_PORT: PORT,
        STRANDLINE_DATA_DIR: DATA,
        STRANDLINE_FRAME_ANCESTORS: HOST_SITE,
        STRANDLINE_VAPID_PUBLIC_KEY: VAPID_PUBLIC_KEY,
        STRANDLINE_EXCHANGE_URLS: JSON.stringify({ sim: `http://127.0.0.1:${SIMULATOR_PORT}` }),
      },
    },
    {
      command: `${STRANDLINE} up`,
      // Health is open, and so are the pages.
      url: `http://127.0.0.1:${CLOSED_PORT}/health`,
      timeout: 180_000,
      gracefulShutdown: { signal: "SIGINT", timeout: 30_000 },
      env: {
        STRANDLINE_HTTP_PORT: CLOSED_PORT,
        STRANDLINE_DATA_DIR: `${DATA}/closed`,
        STRANDLINE_READS: "keys",
        STRANDLINE_API_KEYS: READ_KEY,
        STRANDLINE_EXCHANGE_URLS: JSON.stringify({ sim: `http://127.0.0.1:${SIMULATOR_PORT}` }),
      },
    },
  ],
});
