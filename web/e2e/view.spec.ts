/** How the chart is drawn: what fits the scale, where lines begin, scales, zones, colours, fullscreen and pictures. */
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expectAccessible } from "./support/axe";
import { readPixels, readTokenColour, shareOf } from "./support/pixels";
import { expect, test } from "./support/test";

const CHART = "/chart?symbol=BTCUSDT&market_type=spot&exchange=sim&interval=1h";

async function open(page: Page): Promise<void> {
  await page.goto(CHART);
  await expect(page.locator('[data-testid="level"][data-y]').first()).toBeVisible();
}

const heights = (page: Page) =>
  page.getByTestId("level").evaluateAll((rows) => rows.map(({ dataset }) => Number(dataset["y"])));

test("levels beyond the scale are labels at its edge, until all are fitted; the choice is kept", async ({ page }) => {
  await open(page);
  const label = page.getByTestId("edge-level").first();
  await expect(label).toHaveText(/[↑↓] [\d,.]+/);
  const { height = 0 } = (await page.getByTestId("chart").boundingBox()) ?? {};
  expect((await heights(page)).some((y) => y < 0 || y > height)).toBe(true);
  await expectAccessible(page);
  await label.click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Shift+F");
  await expect(page.getByTestId("edge-level")).toHaveCount(0);
  await page.reload();
  await expect(page.getByTestId("fit-levels")).toHaveAttribute("aria-pressed", "true");
  await expect(page.locator('[data-testid="level"][data-y]').first()).toBeVisible();
  await expect(page.getByTestId("edge-level")).toHaveCount(0);
});

test("a line begins at the anchor of its level", async ({ page }) => {
  await page.addInitScript(() => localStorage.setItem("strandline.fit-levels", "on"));
  await page.goto(CHART.replace("interval=1h", "interval=1d"));
  const rows = page.locator('[data-testid="level"][data-y]');
  await expect(rows.first()).toBeVisible();
  const chart = page.getByTestId("chart");
  // Zoomed out until a line begins amid the chart.
  const row = rows.and(page.locator('[data-x]:not([data-x="0"])')).first();
  await expect(async () => {
    await page.getByRole("button", { name: "Zoom out" }).click();
    await expect(row).toBeVisible({ timeout: 500 });
    expect(Number(await row.getAttribute("data-x"))).toBeGreaterThan(150);
  }).toPass();
  const side = (await row.getAttribute("data-side")) === "support" ? "--support" : "--resistance";
  const colour = await readTokenColour(chart, side);
  const x = Number(await row.getAttribute("data-x"));
  const pixels = await readPixels(chart, Number(await row.getAttribute("data-y")));
  expect(shareOf(pixels.slice(0, x - 12), colour)).toBe(0);
});

test("scale, zone and colours of candles are chosen in a menu and by keys, and kept", async ({ page }) => {
  await open(page);
  const zone = () => page.locator(".legend time").textContent();
  await expect.poll(zone).toContain("UTC");
  const linear = await heights(page);
  await page.getByTestId("view-menu").click();
  await expectAccessible(page);
  await page.getByRole("radio", { name: "Logarithmic" }).click();
  await expect.poll(() => heights(page)).not.toEqual(linear);
  await page.getByRole("radio", { name: "Red up" }).click();
  await page.keyboard.press("Escape");
  await expect(page.locator("html")).toHaveAttribute("data-candles", "red");
  const chart = page.getByTestId("chart");
  const red = await readTokenColour(chart, "--candle-up");
  expect(red[0]).toBeGreaterThan(red[1]);
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-candles", "red");
  await page.getByTestId("view-menu").click();
  await expect(page.getByRole("radio", { name: "Logarithmic" })).toBeChecked();
});

test.describe("in another time zone", () => {
  test.use({ timezoneId: "Asia/Shanghai" });

  test("times are local or UTC", async ({ page }) => {
    await open(page);
    const stamp = async () => (await page.locator(".legend time").textContent()) ?? "";
    await expect.poll(stamp).toContain("UTC");
    const utc = Date.parse((await stamp()).replace(" UTC", "Z"));
    await page.keyboard.press("Shift+U");
    await expect.poll(stamp).toContain("UTC+8");
    expect(Date.parse((await stamp()).replace(" UTC+8", "Z")) - utc).toBe(8 * 3_600_000);
  });
});

test("the chart has the whole screen, and Shift X gives it back", async ({ page }) => {
  await open(page);
  await page.getByTestId("fullscreen").click();
  await expect(page.locator(".chart-layout")).toHaveCSS("position", "fixed");
  await expectAccessible(page);
  await page.keyboard.press("Shift+X");
  await expect(page.locator(".chart-layout")).not.toHaveCSS("position", "fixed");
});

test("a picture of the chart is downloaded", async ({ page }) => {
  await open(page);
  const download = page.waitForEvent("download");
  await page.getByTestId("picture").click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^BTCUSDT-1h-\d{4}-\d\d-\d\d-\d\d-\d\d\.png$/);
  const bytes = readFileSync(await file.path());
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  expect(bytes.readUInt32BE(16)).toBeGreaterThan(600); // its width
});
