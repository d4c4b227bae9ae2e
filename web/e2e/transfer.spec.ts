/** What the first load of a page transfers, as the browser's own Resource Timing counts it. */
import type { Page } from "@playwright/test";
import { expect, test } from "./support/test";

interface Transfer {
  path: string;
  kilobytes: number;
  /** Decoded size by encoded size. */
  ratio: number;
}

/** Load a page with an empty cache and return its transfers. */
async function load(page: Page, address: string, ready: string): Promise<Transfer[]> {
  await page.goto(address);
  await expect(page.locator(ready).first()).toBeVisible();
  await page.waitForLoadState("load");
  return page.evaluate(() =>
    [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map((entry) => {
      const { name, transferSize, encodedBodySize, decodedBodySize } = entry as PerformanceResourceTiming;
      return { path: new URL(name).pathname, kilobytes: transferSize / 1000, ratio: decodedBodySize / (encodedBodySize || 1) };
    }),
  );
}

function sum(transfers: readonly Transfer[]): number {
  return transfers.reduce((total, { kilobytes }) => total + kilobytes, 0);
}

test("first page is compressed", async ({ page }) => {
  const transfers = await load(page, "/", '[data-testid="result"]');
  const main = transfers.find(({ path }) => /index-.*\.js$/.test(path));
  expect(main?.ratio).toBeGreaterThan(3);
  console.log(`first page: ${sum(transfers).toFixed(1)} kB`);
  expect(sum(transfers)).toBeLessThan(120);
});

test("chart and its candles are compressed", async ({ page, api }) => {
  const id = await api.analyse("BTCUSDT", "1h");
  const transfers = await load(page, `/chart?id=${id}&interval=1h`, '[data-testid="level"][data-y]');
  expect(transfers.find(({ path }) => path === "/api/v1/klines")?.ratio).toBeGreaterThan(3);
  console.log(`chart: ${sum(transfers).toFixed(1)} kB`);
  expect(sum(transfers)).toBeLessThan(220);
});
