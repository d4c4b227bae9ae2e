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

test("pipeline page shows a target that is gone, and since when", async ({ page }) => {
  const target = {
    name: "webhook 1 (bot.example)",
    kind: "webhook",
    state: "gone",
    seen_at: "2026-11-28T12:00:00Z",
    delivered_at: null,
    error: null,
    address_hash: "0123456789abcdef",
    gone_at: "2026-11-28T11:00:00Z",
  };
  await page.route("**/api/v1/pipeline", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ json: { ...((await answer.json()) as object), targets: [target] } });
  });
  await page.goto("/pipeline");
  const row = page.getByTestId("pipeline-target");
  await expect(row).toContainText("webhook 1 (bot.example)");
  await expect(row).toContainText("410 Gone");
  await expect(row).toContainText("0123456789abcdef");
  await expect(row.getByText("gone", { exact: true })).toBeVisible();
});

for (const [name, ahead] of [
  ["ahead", 7_200_000],
  ["behind", -7_200_000],
] as const) {
  test(`ages are right in a browser whose clock is two hours ${name}`, async ({ page, request }) => {
    await request.post("/api/v1/analysis/trigger?wait=60", { data: { symbol: "MISSINGUSDT" } });
    await page.clock.setSystemTime(Date.now() + ahead);
    await page.goto("/pipeline");
    const failure = page.getByTestId("failure").filter({ hasText: "MISSINGUSDT" }).first();
    await expect(failure).toContainText(/now|sec|min/);
    await expect(failure).not.toContainText("hr");
  });
}
