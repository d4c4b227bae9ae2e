/** Going from market to market: the switcher, the watchlist, and the keys of both. */
import { expectAccessible } from "./support/axe";
import { expect, test } from "./support/test";

const CHART = "/chart?symbol=BTCUSDT&market_type=spot&exchange=sim&interval=4h";

test("typing anywhere searches a market, and Enter opens its chart with the same timeframe", async ({ page }) => {
  await page.goto(CHART);
  await expect(page.getByTestId("chart")).toBeVisible();
  await page.keyboard.type("eth");
  const field = page.getByTestId("switcher");
  await expect(field).toHaveValue("eth");
  await expect(page.getByTestId("switch-to").first()).toHaveAttribute("data-symbol", "ETHUSDT");
  await expectAccessible(page);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/symbol=ETHUSDT&exchange=sim&market_type=spot&interval=4h/);
  await expect(page.locator("h1")).toContainText("ETHUSDT");
});

test("the switcher offers recent markets first, on any page, by / and by Ctrl+K", async ({ page }) => {
  await page.goto(CHART);
  await expect(page.getByTestId("chart")).toBeVisible();
  await page.goto("/watches");
  await page.keyboard.press("/");
  const first = page.getByTestId("switch-to").first();
  await expect(first).toHaveAttribute("data-symbol", "BTCUSDT");
  await expect(first).toContainText("recent");
  await expect(page.getByTestId("switch-to").nth(1)).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByTestId("switch-to").nth(1)).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("switcher")).toHaveCount(0);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("avax");
  await expect(page.getByTestId("switch-to").first()).toHaveAttribute("data-symbol", "AVAXUSDT");
});

test("the watchlist has prices, changes and distances, and keys go through it", async ({ page, api, exchange }) => {
  await api.analyse("BTCUSDT", "1h");
  await api.analyse("ETHUSDT", "1h");
  await page.goto(CHART);
  const list = page.getByTestId("watchlist");
  const row = list.locator('[data-symbol="ETHUSDT"]').first();
  await expect(row.getByTestId("nearest")).toContainText("%");
  await expect(row.locator(".watchlist-change")).toContainText("%");
  await exchange.setPrice("ETHUSDT", 4_321.5);
  await expect(row.locator(".watchlist-price")).toHaveText("4,321.50");
  await expectAccessible(page);
  const following = list.locator('[data-current] + [data-testid="watchlist-row"]');
  const [symbol, type] = [await following.getAttribute("data-symbol"), await following.getAttribute("data-type")];
  await page.keyboard.press("]");
  await expect(page).toHaveURL(new RegExp(`symbol=${symbol}&exchange=sim&market_type=${type}&`));
  await page.keyboard.press("[");
  await expect(page).toHaveURL(/symbol=BTCUSDT&exchange=sim&market_type=spot&/);
});

test("stars are kept, and lead the watchlist", async ({ page, api }) => {
  await api.analyse("SOLUSDT", "1h");
  await page.goto(CHART);
  const list = page.getByTestId("watchlist");
  await list.locator('[data-symbol="SOLUSDT"]').first().getByTestId("star").click();
  await page.reload();
  await expect(list.getByTestId("watchlist-row").first()).toHaveAttribute("data-symbol", "SOLUSDT");
  await list.getByRole("radio", { name: "Stars" }).click();
  await expect(list.getByTestId("watchlist-row")).toHaveCount(1);
  await page.keyboard.press("Shift+L");
  await expect(list).toHaveCount(0);
  await page.reload();
  await expect(page.getByTestId("chart")).toBeVisible();
  await expect(list).toHaveCount(0);
});

test("? lists the keys of the page", async ({ page }) => {
  await page.goto(CHART);
  await expect(page.getByTestId("chart")).toBeVisible();
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Keys" });
  await expect(dialog).toContainText("Next market");
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
});
