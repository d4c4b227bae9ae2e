/** What changes on the pages while one looks at them: the market stays, the sides of levels follow the price. */
import type { Page } from "@playwright/test";
import { expectAccessible } from "./support/axe";
import { readPixels, readTokenColour, shareOf } from "./support/pixels";
import { IMAGES } from "./support/stand";
import { expect, test, type Api } from "./support/test";

// All levels are on the scale: these tests look at each line.
test.beforeEach(async ({ page }) => {
  await page.addInitScript(() => {
    if (location.protocol === "http:") localStorage.setItem("strandline.fit-levels", "on");
  });
});

interface Level {
  level_id: string;
  side: "support" | "resistance";
  price: number;
}

/** Analyse a market and return its levels by price, lowest first. */
async function analyseLevels(page: Page, api: Api, symbol: string): Promise<{ id: number; levels: Level[] }> {
  const id = await api.analyse(symbol, "1h");
  const answer = await page.request.get(`/api/v1/analysis/${id}`);
  const { data } = (await answer.json()) as { data: { levels: Level[] } };
  return { id, levels: data.levels.toSorted((one, other) => one.price - other.price) };
}

test.describe("chart address", () => {
  test("names exchange and type once, and stays while the other type is analysed", async ({ page, api }) => {
    await api.analyse("BTCUSDT", "1h");
    await page.goto("/chart?symbol=BTCUSDT&interval=1h");
    await expect(page).toHaveURL(/symbol=BTCUSDT&interval=1h&exchange=sim&market_type=spot/);
    await expect(page.getByRole("heading", { level: 1 })).toContainText("spot");
    await page.getByTestId("watch-price").click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await page.request.post("/api/v1/analysis/trigger?wait=60", {
      data: { symbol: "BTCUSDT", timeframe: "1h", market_type: "future" },
    });
    await page.waitForTimeout(6_000); // longer than every delayed refetch
    await expect(page.getByRole("dialog")).toBeVisible();
    // The dialog hides the rest of the page from roles.
    await expect(page.locator("h1")).toContainText("spot");
  });

  test("without a symbol names the market that it chose", async ({ page }) => {
    await page.goto("/chart");
    await expect(page).toHaveURL(/symbol=\w+&exchange=sim&market_type=\w+&interval=\w+/);
    const chosen = page.url();
    await expect(page.getByTestId("chart")).toBeVisible();
    await page.goBack();
    expect(page.url()).not.toBe(chosen);
  });

  test("keeps each timeframe in the history", async ({ page }) => {
    await page.goto("/chart?symbol=BTCUSDT&market_type=spot&exchange=sim&interval=1h");
    const switcher = page.getByTestId("timeframes");
    await switcher.getByRole("button", { name: "4h" }).click();
    await switcher.getByRole("button", { name: "1d" }).click();
    await expect(page).toHaveURL(/interval=1d/);
    await page.goBack();
    await expect(page).toHaveURL(/interval=4h/);
    await expect(switcher.getByRole("button", { name: "4h" })).toHaveAttribute("aria-pressed", "true");
    await page.goBack();
    await expect(page).toHaveURL(/interval=1h/);
  });

  test("reports an unknown timeframe", async ({ page }) => {
    await page.goto("/chart?symbol=BTCUSDT&market_type=spot&exchange=sim&interval=7h");
    await expect(page.getByRole("status").filter({ hasText: "7h is not a timeframe" })).toContainText("15m candles");
    await expect(page.getByTestId("chart")).toBeVisible();
    await page.screenshot({ path: `${IMAGES}/chart-unknown-timeframe.png` });
    await page.getByTestId("timeframes").getByRole("button", { name: "1h" }).click();
    await expect(page.getByText("is not a timeframe")).toHaveCount(0);
  });

  test("links the markets that are similar to an unknown one", async ({ page, expectedMessages }) => {
    expectedMessages.push(/404|422/);
    await page.goto("/chart?symbol=BTCUSD&interval=1h");
    const link = page.getByRole("link", { name: "BTCUSDT", exact: true });
    await expect(link).toBeVisible();
    await page.screenshot({ path: `${IMAGES}/chart-suggestions.png` });
    await link.click();
    await expect(page).toHaveURL(/symbol=BTCUSDT&/);
    await expect(page.getByTestId("chart")).toBeVisible();
  });
});

test.describe("live price", () => {
  test("turns the side of a level that it passes, on the chart, in the panel and in the dialog", async ({ page, api, exchange }) => {
    const { id, levels } = await analyseLevels(page, api, "ADAUSDT");
    const support = levels.findLast(({ side }) => side === "support");
    if (!support) throw new Error("ADAUSDT has no support");
    const above = support.price * 1.01;
    await exchange.setPrice("ADAUSDT", above);
    await page.goto(`/chart?id=${id}&interval=1h`);
    const row = page.locator(`[data-testid="level"][data-id="${support.level_id}"]`);
    await expect(row).toHaveAttribute("data-side", "support");
    await expect(row.locator(".level-distance")).toContainText("−");
    await exchange.setPrice("ADAUSDT", support.price * 0.99);
    await expect(row).toHaveAttribute("data-side", "resistance");
    await expect(row).toContainText("broken, not yet confirmed by a close");
    await expect(row.locator(".level-distance")).toContainText("+");
    const chart = page.getByTestId("chart");
    const colour = await readTokenColour(chart, "--resistance");
    await expect(async () => {
      const pixels = await readPixels(chart, Number(await row.getAttribute("data-y")));
      expect(shareOf(pixels.slice(0, 700), colour)).toBeGreaterThan(0.15);
    }).toPass();
    await expectAccessible(page);
    await page.screenshot({ path: `${IMAGES}/chart-broken-level.png` });
    await row.getByRole("button").first().click();
    await expect(page.getByRole("dialog").getByRole("radio", { name: "Short" })).toBeChecked();
    await page.keyboard.press("Escape");
    await exchange.setPrice("ADAUSDT", above);
    await expect(row).toHaveAttribute("data-side", "support");
  });

  test("turns the side of a level that it passes, in the list", async ({ page, api, exchange }) => {
    const { id, levels } = await analyseLevels(page, api, "XRPUSDT");
    const support = levels.findLast(({ side }) => side === "support");
    if (!support) throw new Error("XRPUSDT has no support");
    await exchange.setPrice("XRPUSDT", support.price * 1.01);
    await page.goto("/?symbol=XRPUSDT&timeframe=1h");
    const row = page.locator(`[data-testid="result"][data-id="${id}"]`);
    await expect(row.locator(".cell-support .nearest-distance")).toContainText("−");
    await exchange.setPrice("XRPUSDT", support.price * 0.999);
    const above = row.locator(".cell-resistance .nearest");
    await expect(above).toHaveAttribute("data-broken", "true");
    await expect(above).toContainText("broken, not yet confirmed by a close");
    await expect(above.locator(".nearest-distance")).toContainText("+0.1");
    await page.screenshot({ path: `${IMAGES}/analysis-broken-level.png` });
  });

  test("labels the axis with the last price, also when scrolled back", async ({ page, api, exchange }) => {
    const { id, levels } = await analyseLevels(page, api, "BNBUSDT");
    await page.goto(`/chart?id=${id}&interval=1h`);
    const rows = page.locator('[data-testid="level"][data-y]');
    await expect(rows.nth(1)).toBeVisible();
    const prices = levels.map(({ price }) => price);
    const gaps = prices.slice(1).map((above, index) => ({ above, below: prices[index] ?? above }));
    const [widest] = gaps.toSorted((one, other) => other.above - other.below - (one.above - one.below));
    if (!widest) throw new Error("BNBUSDT has fewer than two levels");
    // Amid the widest gap: on the scale wherever the chart is scrolled to, and away from the labels of levels.
    const price = Number(((widest.above + widest.below) / 2).toFixed(1));
    await exchange.setPrice("BNBUSDT", price);
    const shown = async () => Number((await page.getByTestId("last-price").textContent())?.replaceAll(",", ""));
    await expect.poll(shown, { timeout: 20_000 }).toBeCloseTo(price, 1);
    for (let step = 0; step < 8; step += 1) await page.getByRole("button", { name: "Back in time" }).click();
    const chart = page.getByTestId("chart");
    const colours = await Promise.all(["--candle-up", "--candle-down"].map((token) => readTokenColour(chart, token)));
    await expect(async () => {
      const placed = await rows.evaluateAll((all) => all.map(({ dataset }) => [Number(dataset["price"]), Number(dataset["y"])]));
      const [top, bottom] = [placed[0], placed.at(-1)] as [[number, number], [number, number]];
      const y = top[1] + ((top[0] - price) / (top[0] - bottom[0])) * (bottom[1] - top[1]);
      const axis = (await readPixels(chart, y - 6)).slice(-60, -6);
      expect(Math.max(...colours.map((colour) => shareOf(axis, colour)))).toBeGreaterThan(0.5);
    }).toPass({ timeout: 20_000 });
    await page.screenshot({ path: `${IMAGES}/chart-scrolled-back.png` });
  });
});

test("eight windows of one browser load and are live, also after the first is closed", async ({ context, exchange }) => {
  test.setTimeout(180_000);
  const pages: Page[] = [];
  for (let count = 0; count < 8; count += 1) {
    const page = await context.newPage();
    pages.push(page);
    await page.goto("/chart?symbol=SOLUSDT&market_type=spot&exchange=sim&interval=1h");
    await expect(page.locator('[data-connection="live"]')).toBeVisible();
  }
  await pages.shift()?.close();
  await exchange.setPrice("SOLUSDT", 123.45);
  for (const page of pages) {
    await expect(page.locator('[data-connection="live"]')).toBeVisible();
    await expect(page).toHaveTitle(/123\.45/);
  }
});
