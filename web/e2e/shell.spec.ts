import { expectAccessible } from "./support/axe";
import { IMAGES } from "./support/stand";
import { expect, test } from "./support/test";

const PAGES = [
  { name: "analysis", path: "/", ready: '[data-testid="result"]' },
  { name: "watches", path: "/watches", ready: "h1" },
  { name: "pipeline", path: "/pipeline", ready: '[data-testid="market"]' },
] as const;

test("the language is switched, and kept", async ({ page }) => {
  await page.goto("/");
  await page.getByTestId("language").click();
  await expect(page.getByRole("link", { name: "盯盘" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await page.reload();
  await expect(page.getByRole("heading", { name: "分析一个市场" })).toBeVisible();
  await page.getByTestId("language").click();
  await expect(page.getByRole("link", { name: "Watches" })).toBeVisible();
});

test("the theme is switched, and kept", async ({ page }) => {
  await page.goto("/");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.getByTestId("theme").click();
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
});

test("the keyboard reaches the table, past the header", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByTestId("result").first()).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(page.getByTestId("search")).toBeFocused();
});

test("an address that is no page says so", async ({ page, request }) => {
  expect((await request.get("/nowhere")).status()).toBe(404);
  await page.goto("/");
  await page.evaluate(() => {
    history.pushState(null, "", "/nowhere");
    dispatchEvent(new PopStateEvent("popstate"));
  });
  await expect(page.getByRole("heading", { name: "There is no page here" })).toBeVisible();
});

test("files are kept for ever, and the page that names them is not", async ({ request }) => {
  const page = await request.get("/watches");
  expect(page.headers()["cache-control"]).toBe("no-cache");
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(await page.text())?.[1] ?? "";
  const file = await request.get(script);
  expect(file.headers()["cache-control"]).toContain("immutable");
});

test("TradingView is named, with a link", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("link", { name: "Charts by TradingView" })).toHaveAttribute(
    "href",
    "https://www.tradingview.com/",
  );
});

for (const { name, path, ready } of PAGES) {
  for (const theme of ["dark", "light"] as const) {
    test(`${name} in the ${theme} theme: accessible, and pictured`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await page.goto(path);
      await expect(page.locator(ready).first()).toBeVisible();
      await expect(page.locator('[data-line="live"]')).toBeVisible();
      await expectAccessible(page);
      await page.screenshot({ path: `${IMAGES}/${name}-${theme}.png` });
    });
  }

  test(`${name} on a phone: nothing sticks out`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.goto(path);
    await expect(page.locator(ready).first()).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await expectAccessible(page);
    await page.screenshot({ path: `${IMAGES}/${name}-phone.png` });
  });
}
