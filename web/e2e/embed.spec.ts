/** The chart in a frame of another site: shown to the site that the settings name, refused to all others. */
import { createServer } from "node:http";
import type { Page } from "@playwright/test";
import { expectAccessible } from "./support/axe";
import { HOST_PORT, HOST_SITE, PORT, siteOf } from "./support/stand";
import { expect, test } from "./support/test";

const SERVER = siteOf(PORT);
const OTHER_SITE = `http://localhost:${HOST_PORT}`;
const MARKET = "symbol=BTCUSDT&market_type=spot&exchange=sim&interval=1h";

/** The page of the other site: it frames the path after `?` in its own address. */
const host = createServer((request, response) => {
  const path = decodeURIComponent(request.url?.split("?")[1] ?? "");
  response.setHeader("Content-Type", "text/html");
  response.end(`<!doctype html><title>Desk</title><iframe title="chart" width="900" height="500" src="${SERVER}${path}"></iframe>`);
});

test.beforeAll(() => new Promise<void>((resolve) => void host.listen(Number(HOST_PORT), "127.0.0.1", () => resolve())));
test.afterAll(() => {
  host.closeAllConnections();
  host.close();
});

const frame = (page: Page, site: string, path: string) => page.goto(`${site}/?${encodeURIComponent(path)}`);

test("a site of the settings frames the chart, in its theme and language, with a link to the full page", async ({ page }) => {
  await frame(page, HOST_SITE, `/embed/chart?${MARKET}&theme=light&language=zh`);
  const framed = page.frameLocator("iframe");
  await expect(framed.getByTestId("chart")).toBeVisible();
  await expect(framed.locator("html")).toHaveAttribute("data-theme", "light");
  const link = framed.getByTestId("full-page");
  await expect(link).toHaveText("在 Strandline 中打开");
  await expect(link).toHaveAttribute("href", /^\/chart\?.*symbol=BTCUSDT/);
  await expect(framed.locator("h1")).toHaveText("BTCUSDT");
  await expect(framed.getByRole("navigation")).toHaveCount(0);
  await expect(framed.getByRole("dialog")).toHaveCount(0);
  const { width, height } = (await framed.getByTestId("chart").boundingBox()) ?? { width: 0, height: 0 };
  expect(Math.round(width)).toBeGreaterThan(850);
  expect(Math.round(height)).toBeGreaterThan(400);
});

test("an embedded chart sets no watch, and completes an address without a market where it is", async ({ page }) => {
  await page.goto("/embed/chart?symbol=BTCUSDT&interval=1h&theme=dark");
  const chart = page.getByTestId("chart");
  await expect(chart).toBeVisible();
  expect(new URL(page.url()).pathname).toBe("/embed/chart");
  expect(new URL(page.url()).searchParams.get("market_type")).toBe("spot");
  await chart.click({ button: "right" });
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expectAccessible(page);
});

for (const [site, path] of [
  [OTHER_SITE, `/embed/chart?${MARKET}`],
  [HOST_SITE, `/chart?${MARKET}`],
] as const) {
  test(`${site === HOST_SITE ? "the site of the settings" : "another site"} cannot frame ${path.split("?")[0] ?? ""}`, async ({ page, expectedMessages }) => {
    expectedMessages.push(/frame-ancestors/);
    const refused = page.waitForEvent("console", (message) => message.text().includes("frame-ancestors"));
    await frame(page, site, path);
    await refused;
    await expect(page.frameLocator("iframe").getByTestId("chart")).toHaveCount(0);
  });
}
