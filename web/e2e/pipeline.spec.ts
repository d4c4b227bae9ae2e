import { expect, test } from "./support/test";

test("pipeline page shows services, lag, freshness and failures", async ({ page, request }) => {
  await request.post("/api/v1/analysis/trigger?wait=60", { data: { symbol: "MISSINGUSDT" } });
  await page.goto("/pipeline");
  await expect(page.getByText("available", { exact: true })).toHaveCount(3);
  await expect(page.getByTestId("lag").first()).toBeVisible();
  await expect(page.getByTestId("market").first()).toBeVisible();
  await expect(page.getByTestId("failure").filter({ hasText: "MISSINGUSDT" })).toContainText(
    "the exchange does not know this symbol",
  );
});

test("pipeline page shows an API error, and recovers on retry", async ({ page, expectedMessages }) => {
  expectedMessages.push(/503/);
  const problem = { type: "about:blank", title: "Service Unavailable", status: 503, detail: "the database is stopped" };
  await page.route("**/api/v1/pipeline", (route) => route.fulfill({ status: 503, json: problem }));
  await page.goto("/pipeline");
  await expect(page.getByRole("alert")).toContainText("the database is stopped");
  await page.unroute("**/api/v1/pipeline");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByTestId("market").first()).toBeVisible();
});

test("the watchlist is changed on the pipeline page", async ({ page, expectedMessages }) => {
  expectedMessages.push(/422/);
  await page.goto("/pipeline");
  const entry = "sim:spot:DOGEUSDT:2h";
  const row = page.locator(`[data-testid=watchlist-item][data-entry="${entry}"]`);
  await page.getByTestId("watchlist-entry").fill("sim:spot:nosuch/usdt:2h");
  await page.getByTestId("watchlist-add").click();
  await expect(page.getByRole("alert")).toContainText("sim has no spot market NOSUCHUSDT");
  await page.getByTestId("watchlist-entry").fill("sim:spot:doge/usdt:2h");
  await page.getByTestId("watchlist-add").click();
  await expect(row).toContainText("added here");
  await row.getByRole("button", { name: "Remove" }).click();
  await expect(row).toHaveCount(0);
});
