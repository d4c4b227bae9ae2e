import { expect, test } from "./support/test";

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

  test("has pages", async ({ page, api }) => {
    const symbols = ["BTCUSDT", "ETHUSDT", "SOLUSDT", "BNBUSDT", "XRPUSDT", "ADAUSDT"];
    for (const symbol of symbols) {
      for (const timeframe of ["30m", "2h", "6h", "8h"]) await api.analyse(symbol, timeframe);
    }
    await page.goto("/");
    await expect(page.getByTestId("result")).toHaveCount(25);
    await page.getByRole("button", { name: "Next" }).click();
    await expect(page).toHaveURL(/page=2/);
    await expect(page.getByTestId("result")).not.toHaveCount(25);
    await page.goBack();
    await expect(page.getByTestId("result")).toHaveCount(25);
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
