import { expectAccessible } from "./support/axe";
import { IMAGES } from "./support/stand";
import { Api, expect, test } from "./support/test";

const PAGES = [
  { name: "analysis", path: "/", ready: '[data-testid="result"]' },
  { name: "screener", path: "/screener", ready: '[data-testid="near"]' },
  { name: "watches", path: "/watches", ready: '[data-testid="watch"]' },
  { name: "pipeline", path: "/pipeline", ready: '[data-testid="market"]' },
] as const;

/** Create a few realistic watches. */
async function createWatches(api: Api): Promise<void> {
  const price = async (symbol: string, percent: number) =>
    Number(((await api.lastPrice(symbol)) * (1 + percent / 100)).toFixed(2));
  const watches = [
    { symbol: "BTCUSDT", condition: "touch", side: "long", percent: -4, note: "scale in, half size" },
    { symbol: "ETHUSDT", condition: "cross_up", side: "short", percent: 6, repeat: "always" },
    { symbol: "SOLUSDT", condition: "close_below", side: "short", percent: -7, timeframe: "4h" },
  ];
  for (const { percent, ...watch } of watches) {
    await api.createWatch({ ...watch, target: await price(watch.symbol, percent) });
  }
}

test.beforeAll(async ({ request }) => {
  await createWatches(new Api(request));
});

test("language switch changes the texts, and is remembered", async ({ page }) => {
  await page.goto("/");
  await page.getByTestId("language").click();
  await expect(page.getByRole("link", { name: "盯盘" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await page.reload();
  await expect(page.getByRole("heading", { name: "分析一个市场" })).toBeVisible();
  await page.getByTestId("language").click();
  await expect(page.getByRole("link", { name: "Watches" })).toBeVisible();
});

test("theme switch changes the theme, and is remembered", async ({ page }) => {
  await page.goto("/");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.getByTestId("theme").click();
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
});

test("skip link moves the focus past the header", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByTestId("result").first()).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(page.getByTestId("search")).toBeFocused();
});

test("unknown address shows a not-found page", async ({ page, request }) => {
  expect((await request.get("/nowhere")).status()).toBe(404);
  await page.goto("/");
  await page.evaluate(() => {
    history.pushState(null, "", "/nowhere");
    dispatchEvent(new PopStateEvent("popstate"));
  });
  await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
});

test("assets are cached for ever, and the page is not", async ({ request }) => {
  const page = await request.get("/watches");
  expect(page.headers()["cache-control"]).toBe("no-cache");
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(await page.text())?.[1] ?? "";
  const file = await request.get(script);
  expect(file.headers()["cache-control"]).toContain("immutable");
});

test("footer credits TradingView with a link", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("link", { name: "Charts by TradingView" })).toHaveAttribute(
    "href",
    "https://www.tradingview.com/",
  );
});

for (const { name, path, ready } of PAGES) {
  for (const theme of ["dark", "light"] as const) {
    test(`${name} in the ${theme} theme is accessible, and has a screenshot`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await page.goto(path);
      await expect(page.locator(ready).first()).toBeVisible();
      await expect(page.locator('[data-connection="live"]')).toBeVisible();
      await expectAccessible(page);
      await page.screenshot({ path: `${IMAGES}/${name}-${theme}.png` });
    });
  }

  test(`${name} fits a phone`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.goto(path);
    await expect(page.locator(ready).first()).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await expectAccessible(page);
    await page.screenshot({ path: `${IMAGES}/${name}-phone.png` });
  });
}
