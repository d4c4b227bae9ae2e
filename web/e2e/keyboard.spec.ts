/** The chart without a mouse: the crosshair by keys, keys of the tools, and the levels as a table. */
import { expectAccessible } from "./support/axe";
import { expect, test } from "./support/test";

const CHART = "/chart?symbol=BTCUSDT&market_type=spot&exchange=sim&interval=1h";

test.beforeEach(async ({ page }) => {
  await page.goto(CHART);
  await expect(page.locator('[data-testid="level"][data-y]').first()).toBeVisible();
});

test("arrow keys move the crosshair, and read the bar and the nearest level", async ({ page }) => {
  const reading = page.getByTestId("reading");
  await page.getByTestId("chart").focus();
  await page.keyboard.press("ArrowLeft");
  await expect(reading).toContainText(/UTC: open [\d,.]+, high .*Nearest level: (Support|Resistance) [\d,.]+, [+−][\d.]+ %/);
  const newest = (await reading.textContent()) ?? "";
  await page.keyboard.press("Shift+ArrowLeft");
  await expect(reading).not.toHaveText(newest);
  await page.keyboard.press("ArrowUp");
  await expect(reading).toContainText(/Nearest level: (Support|Resistance) [\d,.]+, 0\.00 %/);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("chart")).toBeFocused();
});

test("digits choose the timeframe, and Shift with a letter the tools", async ({ page }) => {
  await page.keyboard.press("6");
  await expect(page).toHaveURL(/interval=4h/);
  await expect(page.getByRole("application", { name: /BTCUSDT, 4h/ })).toBeVisible(); // it has keys of its own
  await page.keyboard.press("Shift+W");
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keys" })).toContainText("4h candles");
});

test("the levels are a table in place of the canvas, and the choice is kept", async ({ page }) => {
  const prices = await page.getByTestId("level").evaluateAll((rows) => rows.map(({ dataset }) => dataset["price"]));
  await page.keyboard.press("Shift+B");
  const table = page.getByTestId("level-table");
  await expect(table.getByRole("row")).toHaveCount(prices.length + 1);
  await expect(table.getByRole("columnheader", { name: "Touches" })).toBeVisible();
  await expectAccessible(page);
  await table.getByRole("button").first().click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.reload();
  await expect(table).toBeVisible();
  await page.getByTestId("table").click();
  await expect(page.getByTestId("chart")).toBeVisible();
});
