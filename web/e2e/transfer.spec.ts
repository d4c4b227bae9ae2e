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
  const main = transfers.find(({ path }) => /shell-.*\.js$/.test(path));
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

test("first paint needs no script, in the theme of the browser", async ({ page, expectedMessages }) => {
  expectedMessages.push(/ERR_FAILED/);
  await page.emulateMedia({ colorScheme: "light" });
  await page.route("**/assets/*.js", (route) => route.abort());
  await page.goto("/chart?symbol=BTCUSDT&exchange=sim&market_type=spot&interval=1h");
  await expect(page.getByRole("link", { name: "Strandline" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  const paints = () => page.evaluate(() => performance.getEntriesByName("first-contentful-paint").length);
  await expect.poll(paints).toBe(1);
});

test("chart asks once for its candles and its row, before its script is there", async ({ page, api }) => {
  const id = await api.analyse("BTCUSDT", "1h");
  await load(page, "/chart?symbol=BTCUSDT&exchange=sim&market_type=spot&interval=1h", '[data-testid="level"][data-y]');
  const asked = await page.evaluate(() =>
    performance.getEntriesByType("resource").map(({ name }) => name.replace(location.origin, "")),
  );
  const count = (url: RegExp) => asked.filter((one) => url.test(one)).length;
  expect(count(/klines\?.*symbol=BTCUSDT.*interval=1h&limit=1000$/)).toBe(1);
  expect(count(/results\?symbol=BTCUSDT/)).toBe(1);
  expect(count(new RegExp(`/analysis/${id}$`))).toBe(1);
  const order = asked.map((url) => url.split("?")[0]);
  // The application asks for the exchanges first.
  expect(order.indexOf("/api/v1/klines")).toBeLessThan(order.indexOf("/api/v1/exchanges"));
});
