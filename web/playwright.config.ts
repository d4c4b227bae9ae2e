import { defineConfig } from "@playwright/test";
import { CHROMIUM, CLOSED_PORT, PORT, READ_KEY, STANDS, STRANDLINE, WORKERS, siteOf } from "./e2e/support/stand";

/** Browsers can subscribe; nothing is sent, because the notifier has no key. The specs deliver messages themselves. */
const VAPID_PUBLIC_KEY = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

/** Each worker has a `strandline up` of its own, whose simulated exchange its tests control; the tests of a file run in order. */
export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  fullyParallel: false,
  workers: WORKERS,
  timeout: 90_000,
  expect: { timeout: 30_000 },
  forbidOnly: true,
  reporter: [["list"]],
  globalTeardown: "./e2e/support/teardown.ts",
  use: {
    baseURL: siteOf(PORT),
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
    ...STANDS.flatMap(({ port, simulatorPort, hostPort, data }) => [
      {
        command: `${STRANDLINE} simulator --port ${simulatorPort}`,
        url: `${siteOf(simulatorPort)}/simulator`,
        timeout: 120_000,
        gracefulShutdown: { signal: "SIGINT" as const, timeout: 20_000 },
      },
      {
        command: `${STRANDLINE} up`,
        url: `${siteOf(port)}/health`,
        timeout: 180_000,
        gracefulShutdown: { signal: "SIGINT" as const, timeout: 30_000 },
        env: {
          STRANDLINE_HTTP_PORT: port,
          STRANDLINE_DATA_DIR: data,
          STRANDLINE_FRAME_ANCESTORS: siteOf(hostPort),
          STRANDLINE_VAPID_PUBLIC_KEY: VAPID_PUBLIC_KEY,
          STRANDLINE_EXCHANGE_URLS: JSON.stringify({ sim: siteOf(simulatorPort) }),
        },
      },
    ]),
    {
      command: `${STRANDLINE} up`,
      // Health is open, and so are the pages.
      url: `${siteOf(CLOSED_PORT)}/health`,
      timeout: 180_000,
      gracefulShutdown: { signal: "SIGINT", timeout: 30_000 },
      env: {
        STRANDLINE_HTTP_PORT: CLOSED_PORT,
        STRANDLINE_DATA_DIR: `${STANDS[0]?.data}/closed`,
        STRANDLINE_READS: "keys",
        STRANDLINE_API_KEYS: READ_KEY,
        STRANDLINE_EXCHANGE_URLS: JSON.stringify({ sim: siteOf(STANDS[0]?.simulatorPort ?? "") }),
      },
    },
  ],
});
