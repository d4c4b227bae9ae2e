import type { Page } from "@playwright/test";
import { expectAccessible } from "./support/axe";
import { expect, test } from "./support/test";

/** Answer the list with a result of the API under many names. */
async function serveRows(page: Page, count: number): Promise<void> {
  const answer = await page.request.get("/api/v1/analysis/results?after=0&pageSize=1");
  const { data } = (await answer.json()) as { data: [object] };
  const rows = Array.from({ length: count }, (_, index) => ({
    ...data[0],
    id: index + 1,
    symbol: `M${String(index).padStart(4, "0")}USDT`,
  }));
  await page.route("**/api/v1/analysis/results?after=*", (route) => {
    const after = Number(new URL(route.request().url()).searchParams.get("after"));
    const next = after + 500 < count ? String(after + 500) : null;
    return route.fulfill({ json: { data: rows.slice(after, after + 500), total: count, page: 1, pageSize: 500, totalPages: 2, next } });
  });
}

test.describe("result table", () => {
  test("shows each market with the levels around its price", async ({ page }) => {
    await page.goto("/");
    // A market at its highest or lowest price has levels on one side only.
    const row = page
      .getByTestId("result")
      .filter({ has: page.locator(".cell-support .nearest") })
      .filter({ has: page.locator(".cell-resistance .nearest") })
      .first();
    await expect(row).toBeVisible();
    await expect(row).toContainText("simulated");
    await expect(row.locator(".cell-support")).toContainText("−");
    await expect(row.locator(".cell-resistance")).toContainText("+");
    await expect(page.getByTestId("simulated")).toBeVisible();
  });

  test("searches while typing, and keeps the search in the address", async ({ page }) => {
    await page.goto("/");
    await expect(page.getByTestId("result").nth(2)).toBeVisible();
    await page.getByTestId("search").pressSequentially("eth/us");
    await expect(page).toHaveURL(/symbol=eth%2Fus/);
    await expect(page.locator('[data-testid="result"]:not([data-symbol^="ETH"])')).toHaveCount(0);
    await expect(page.locator('[data-symbol="ETHUSDT"]')).not.toHaveCount(0);
    await page.reload();
    await expect(page.getByTestId("search")).toHaveValue("eth/us");
    await page.getByTestId("search").fill("no such thing");
    await expect(page.getByRole("heading", { name: /No result matches/ })).toBeVisible();
    await page.getByRole("button", { name: "Clear the search" }).click();
    await expect(page.getByTestId("search")).toHaveValue("");
    await expect(page.getByTestId("result").nth(2)).toBeVisible();
  });

  test("filters by type and timeframe", async ({ page }) => {
    await page.goto("/");
    await page.getByLabel("Type", { exact: true }).first().selectOption("future");
    await expect(page.locator('[data-testid="result"]').first()).toContainText("future");
    await expect(page.locator('[data-testid="result"]', { hasText: "spot" })).toHaveCount(0);
    await page.getByLabel("Timeframe").first().selectOption("4h");
    await expect(page).toHaveURL(/market_type=future&timeframe=4h/);
  });

  test("is ordered by distance at first, and by any column", async ({ page }) => {
    await page.goto("/");
    await expect(page.getByTestId("result").nth(2)).toBeVisible();
    const distances = async () =>
      (await page.locator("td.cell-nearest").allTextContents()).filter(Boolean).map((text) => Number(/[\d.]+/.exec(text)?.[0]));
    await expect(async () => {
      const found = await distances();
      expect(found).toEqual(found.toSorted((one, other) => one - other));
    }).toPass();
    await page.getByTestId("sort-symbol").click();
    await page.getByTestId("sort-symbol").click();
    await expect(page).toHaveURL(/sort=-symbol/);
    await expect(page.getByRole("columnheader", { name: /Market/ })).toHaveAttribute("aria-sort", "descending");
    const symbols = await page.getByTestId("result").evaluateAll((rows) => rows.map(({ dataset }) => dataset["symbol"] ?? ""));
    expect(symbols).toEqual(symbols.toSorted().toReversed());
    await page.goBack();
    await expect(page.getByRole("columnheader", { name: /Market/ })).toHaveAttribute("aria-sort", "ascending");
  });

  test("filters by side, distance, touches and reach, which the address keeps", async ({ page }) => {
    await page.goto("/");
    const rows = page.getByTestId("result");
    await expect(rows.nth(2)).toBeVisible();
    await page.getByLabel("Side").selectOption("support");
    await page.getByLabel("Distance to the level").selectOption("5");
    await expect(page).toHaveURL(/side=support&within=5/);
    await expect(async () => {
      const texts = await page.locator("td.cell-nearest").allTextContents();
      for (const text of texts) expect(Number(text.replace("−", "-").replace("%", ""))).toBeGreaterThanOrEqual(-5);
      for (const text of texts) expect(text).toMatch(/^−/);
    }).toPass();
    await page.goto("/?touched=fresh&reach=1");
    await expect(page.getByLabel("Touched since it was confirmed")).toHaveValue("fresh");
    await expect(page.getByTestId("total")).toContainText(/result/);
    await page.goto("/?within=0.000001");
    await expect(page.getByRole("heading", { name: "No result matches these filters" })).toBeVisible();
  });

  test("scrolls through 1,000 rows of which it renders those in view", async ({ page }) => {
    await serveRows(page, 1_000);
    await page.goto("/?sort=symbol");
    const rows = page.getByTestId("result");
    await expect(page.getByTestId("total")).toHaveText("1,000 results");
    await expect(rows.first()).toHaveAttribute("data-symbol", "M0000USDT");
    const scroller = page.getByTestId("results");
    await scroller.evaluate((element) => (element.scrollTop = element.scrollHeight));
    await expect(page.locator('[data-symbol="M0999USDT"]')).toBeVisible();
    expect(await rows.count()).toBeLessThan(60);
    await scroller.focus();
    await page.keyboard.press("Home");
    await expect(page.locator('[data-symbol="M0000USDT"]')).toBeVisible();
    await expectAccessible(page);
  });

  test("links to the chart of a result", async ({ page }) => {
    await page.goto("/?symbol=BTCUSDT&timeframe=1h");
    const row = page.getByTestId("result").first();
    const id = await row.getAttribute("data-id");
    await row.getByRole("link", { name: /Details/ }).click();
    await expect(page).toHaveURL(`/chart?id=${id}&interval=1h`);
  });

  test("shows a new result without reloading", async ({ page, api }) => {
    await page.goto("/?symbol=DOGEUSDT");
    await expect(page.getByRole("heading", { name: /No result matches/ })).toBeVisible();
    await expect(page.locator('[data-connection="live"]')).toBeVisible();
    await api.analyse("DOGEUSDT", "1h");
    await expect(page.locator('[data-testid="result"][data-symbol="DOGEUSDT"]')).toBeVisible();
  });
});

test.describe("analysis form", () => {
  test("suggests markets, and follows a job until it ends", async ({ page }) => {
    await page.goto("/");
    await page.getByTestId("analyse-symbol").pressSequentially("avax");
    await page.getByRole("option", { name: "AVAXUSDT" }).click();
    await page.getByTestId("analyse").click();
    const job = page.getByTestId("job").first();
    await expect(job).toHaveAttribute("data-state", "completed");
    await expect(job).toContainText("AVAXUSDT");
    await page.getByTestId("search").fill("avax");
    await expect(page.locator('[data-testid="result"][data-symbol="AVAXUSDT"]')).toBeVisible();
  });

  test("shows the reason of a failed job", async ({ page }) => {
    await page.goto("/");
    await page.getByTestId("analyse-symbol").fill("NOSUCHUSDT");
    await page.keyboard.press("Escape");
    await page.getByTestId("analyse").click();
    const job = page.getByTestId("job").first();
    await expect(job).toHaveAttribute("data-state", "failed");
    await expect(job).toContainText("the exchange does not know this symbol");
  });

  test("shows the error of a refused request", async ({ page, expectedMessages }) => {
    expectedMessages.push(/422/);
    await page.goto("/");
    await page.getByTestId("analyse-symbol").fill("BTC//USDT");
    await page.keyboard.press("Escape");
    await page.getByTestId("analyse").click();
    await expect(page.getByRole("alert")).toContainText("BTCUSDT");
  });
});
