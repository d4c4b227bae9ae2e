import type { Locator, Page } from "@playwright/test";
import { expectAccessible } from "./support/axe";
import { readPixels, readTokenColour, shareOf, type Colour } from "./support/pixels";
import { IMAGES } from "./support/stand";
import { expect, test } from "./support/test";

const BTC = "/chart?symbol=BTCUSDT&market_type=spot&interval=1h";

// All levels are on the scale: these tests look at each line.
test.beforeEach(async ({ page }) => {
  await page.addInitScript(() => {
    if (location.protocol === "http:") localStorage.setItem("strandline.fit-levels", "on");
  });
});

interface Publication {
  id: number;
  levels: { level_id: string; side: string; price: number }[];
}

/** Open the chart and wait for its lines; returns the rows of the levels. */
async function open(page: Page, address = BTC): Promise<Locator> {
  await page.goto(address);
  await expect(page.locator('[data-testid="level"][data-y]').first()).toBeVisible();
  return page.getByTestId("level");
}

const yOf = async (row: Locator) => Number(await row.getAttribute("data-y"));
const chartOf = (page: Page) => page.getByTestId("chart");

async function resultOf(page: Page, symbol: string, timeframe: string): Promise<Publication> {
  const search = `symbol=${symbol}&timeframe=${timeframe}&market_type=spot`;
  const { data } = (await (await page.request.get(`/api/v1/analysis/results?${search}`)).json()) as { data: { id: number }[] };
  const one = await page.request.get(`/api/v1/analysis/${data[0]?.id ?? 0}`);
  return ((await one.json()) as { data: Publication }).data;
}

/** Read the row of pixels at about `y` that has the most of a colour: a line between two pixels is drawn on either. */
async function readLine(chart: Locator, y: number, colour: Colour): Promise<Colour[]> {
  const rows = [];
  for (const at of [y, y - 1, y + 1]) rows.push(await readPixels(chart, at));
  return rows.reduce((best, row) => (shareOf(row, colour) > shareOf(best, colour) ? row : best));
}

/** Find a result with levels on that side (a market at its highest price has no resistance), and return its chart's address. */
async function findChartWith(page: Page, side: "support" | "resistance"): Promise<string> {
  interface Row {
    id: number;
    timeframe: string;
    nearest: Record<string, object | null>;
  }
  const { data } = (await (await page.request.get("/api/v1/analysis/results?pageSize=100")).json()) as { data: Row[] };
  const row = data.find(({ nearest }) => nearest[side]);
  if (!row) throw new Error(`no result has a ${side}`);
  return `/chart?id=${row.id}&interval=${row.timeframe}`;
}

/** Click the chart at a height, on its left half, away from the axis. */
async function clickAt(page: Page, y: number): Promise<void> {
  const box = await chartOf(page).boundingBox();
  if (!box) throw new Error("the chart is not shown");
  await page.mouse.click(box.x + box.width * 0.3, box.y + y);
}

test("draws the levels of the API at their prices and in their colours", async ({ page }) => {
  const rows = await open(page);
  const { levels } = await resultOf(page, "BTCUSDT", "1h");
  expect(levels.length).toBeGreaterThan(1);
  await expect(rows).toHaveCount(levels.length);
  for (const { level_id, side, price } of levels) {
    const row = page.locator(`[data-testid="level"][data-id="${level_id}"]`);
    await expect(row).toHaveAttribute("data-side", side);
    await expect(row).toHaveAttribute("data-price", String(price));
  }
  const chart = chartOf(page);
  const colours = { support: await readTokenColour(chart, "--support"), resistance: await readTokenColour(chart, "--resistance") };
  for (const row of await rows.all()) {
    const side = (await row.getAttribute("data-side")) === "support" ? "support" : "resistance";
    const other = side === "support" ? "resistance" : "support";
    const [y, x] = [await yOf(row), Number(await row.getAttribute("data-x"))];
    const pixels = (await readLine(chart, y, colours[side])).slice(x, 700);
    if (pixels.length < 60) continue; // it begins further right
    expect(shareOf(pixels, colours[side]), `the dashes of ${side} at ${y}`).toBeGreaterThan(0.15);
    expect(shareOf(pixels, colours[side]), `the gaps of ${side} at ${y}`).toBeLessThan(0.75);
    expect(shareOf(pixels, colours[other]), `no ${other} at ${y}`).toBe(0);
  }
});

test("draws higher prices higher on the chart", async ({ page }) => {
  const rows = await open(page);
  const heights = await Promise.all((await rows.all()).map(yOf));
  expect(heights).toEqual(heights.toSorted((one, other) => one - other));
  const { height } = (await chartOf(page).boundingBox()) ?? { height: 0 };
  expect(heights.every((y) => y > 0 && y < height)).toBe(true);
});

test("click selects the nearer of two close lines", async ({ page }) => {
  const rows = await open(page);
  const [upper, lower] = [rows.nth(0), rows.nth(1)];
  await squeezeScale(page, upper, lower);
  for (const [row, inwards] of [
    [upper, 2],
    [lower, -2],
  ] as const) {
    await clickAt(page, (await yOf(row)) + inwards);
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByRole("textbox").first()).toHaveValue((await row.getAttribute("data-price")) ?? "");
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
  }
});

/** Drag the price axis until two lines are less than 12 pixels apart: a click between them is near both. */
async function squeezeScale(page: Page, upper: Locator, lower: Locator): Promise<void> {
  const box = await chartOf(page).boundingBox();
  if (!box) throw new Error("the chart is not shown");
  const axis = box.x + box.width - 20;
  await expect(async () => {
    const gap = (await yOf(lower)) - (await yOf(upper));
    if (gap <= 12) return;
    await page.mouse.move(axis, box.y + 200);
    await page.mouse.down();
    await page.mouse.move(axis, box.y + 260, { steps: 4 });
    await page.mouse.up();
    throw new Error(`still ${gap} pixels apart`);
  }).toPass({ timeout: 30_000, intervals: [50] });
  expect((await yOf(lower)) - (await yOf(upper))).toBeGreaterThan(4);
}

test("watch on a support fires in the page when the price reaches it", async ({ page, exchange }) => {
  const rows = await open(page);
  const support = rows.and(page.locator('[data-side="support"]')).first();
  const price = Number(await support.getAttribute("data-price"));
  await exchange.setPrice("BTCUSDT", price * 1.01);
  await clickAt(page, await yOf(support));
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("radio", { name: "Long" })).toBeChecked();
  await dialog.getByRole("button", { name: "Watch", exact: true }).click();
  const watch = page.locator(`[data-testid="market-watch"][data-target="${price}"]`).first();
  await expect(watch).toHaveAttribute("data-state", "active");
  await expect(async () => {
    // A watch is armed by a price away from the level; repeat moving away and back until it is.
    await exchange.setPrice("BTCUSDT", price * 1.01);
    await page.waitForTimeout(2_000);
    await exchange.setPrice("BTCUSDT", price * 0.999);
    await expect(watch).toHaveAttribute("data-state", "fired", { timeout: 8_000 });
  }).toPass({ timeout: 60_000 });
  await expect(page.getByTestId("toast").filter({ hasText: "BTCUSDT" }).first()).toBeVisible();
});

test("moves the last candle with the price", async ({ page, exchange }) => {
  await open(page);
  await exchange.setPrice("BTCUSDT", 67_890.12);
  await expect(page.getByTestId("last-price")).toHaveText("67,890.12", { timeout: 20_000 });
});

test("slider shows past publications", async ({ page, api }) => {
  await api.analyse("ETHUSDT", "4h");
  const id = await api.analyse("ETHUSDT", "4h");
  await open(page, `/chart?id=${id}&interval=4h`);
  const slider = page.getByTestId("publications");
  await slider.focus();
  await page.keyboard.press("Home");
  await expect(page.getByTestId("published")).toContainText("Published");
  const at = new URL(page.url()).searchParams.get("at") ?? "";
  const then = (await (await page.request.get(`/api/v1/analysis/${id}?at=${at}`)).json()) as { data: Publication };
  const shown = page.getByTestId("level").evaluateAll((rows) => rows.map((row) => row.dataset["price"]));
  expect(new Set(await shown)).toEqual(new Set(then.data.levels.map(({ price }) => String(price))));
  await page.keyboard.press("End");
  await expect(page.getByTestId("published")).toHaveText("Now");
});

test("loads older candles when scrolling back", async ({ page }) => {
  await open(page);
  const chart = chartOf(page);
  const before = Number(await chart.getAttribute("data-candles"));
  const box = await chart.boundingBox();
  if (!box) throw new Error("the chart is not shown");
  await expect(async () => {
    await page.mouse.move(box.x + 60, box.y + 120);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 160, box.y + 120, { steps: 5 });
    await page.mouse.up();
    expect(Number(await chart.getAttribute("data-candles"))).toBeGreaterThan(before + 500);
  }).toPass({ timeout: 60_000 });
});

test("marks the touches of a level, and shows its evidence", async ({ page }) => {
  const row = (await open(page)).first();
  await row.getByTestId("touches").click();
  await expect(row).toContainText(/\d+ of \d+ touches are in the candles shown/);
  await row.getByTestId("evidence").click();
  await expect(row).toContainText("Held when touched");
  await expect(row.getByRole("list")).toContainText("Volume");
});

test("opens a short watch dialog from the row of a resistance by keyboard", async ({ page }) => {
  const rows = await open(page, await findChartWith(page, "resistance"));
  await rows.and(page.locator('[data-side="resistance"]')).first().getByRole("button").first().focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog").getByRole("radio", { name: "Short" })).toBeChecked();
});

test("requests a missing analysis, and shows its levels", async ({ page }) => {
  await page.goto("/chart?symbol=XLMUSDT&interval=4h");
  await expect(chartOf(page)).toBeVisible();
  await page.getByTestId("analyse").click();
  await expect(page.getByTestId("level").first()).toBeVisible({ timeout: 30_000 });
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test("fits the screen, and a tap hits a line", async ({ page }) => {
    const rows = await open(page);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    const box = await chartOf(page).boundingBox();
    const row = rows.first();
    if (!box) throw new Error("the chart is not shown");
    await page.touchscreen.tap(box.x + 100, box.y + (await yOf(row)) + 8);
    const price = page.getByRole("dialog").getByRole("textbox").first();
    await expect(price).toHaveValue((await row.getAttribute("data-price")) ?? "");
  });
});

test("is accessible in both themes", async ({ page }) => {
  await open(page);
  for (const theme of ["dark", "light"]) {
    await page.evaluate((name) => (document.documentElement.dataset["theme"] = name), theme);
    await expectAccessible(page);
  }
});

test("has screenshots in both themes", async ({ page, api }) => {
  await api.analyse("SOLUSDT", "1h");
  const id = await api.analyse("SOLUSDT", "1h");
  await api.createWatch({ symbol: "SOLUSDT", target: 144, side: "long", condition: "touch" });
  const rows = await open(page, `/chart?id=${id}&interval=1h`);
  await expect(page.getByTestId("market-watch")).toBeVisible();
  await rows.and(page.locator('[data-side="support"]')).first().getByTestId("touches").click();
  await page.screenshot({ path: `${IMAGES}/chart.png` });
  await page.getByTestId("theme").click();
  await page.screenshot({ path: `${IMAGES}/chart-light.png` });
});

test("is translated to Chinese", async ({ page }) => {
  await open(page);
  await page.getByTestId("language").click();
  await expect(page.getByRole("heading", { name: "1h K 线的价位" })).toBeVisible();
});
