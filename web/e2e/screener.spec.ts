/** The screener: what is close to a level now, kept current, with its question in the address. */
import { expect, test } from "./support/test";

test("screener keeps its question in the address, and sorts", async ({ page, api }) => {
  await api.analyse("ETHUSDT", "4h");
  await page.goto("/screener");
  await expect(page.getByTestId("near").first()).toBeVisible();
  await page.getByLabel("Side", { exact: true }).selectOption("support");
  await expect(page.locator('[data-testid="near"][data-side="resistance"]')).toHaveCount(0);
  await page.getByRole("button", { name: "Touches" }).click();
  await expect(page).toHaveURL(/\/screener\?side=support&sort=touches/);
  await page.reload();
  await expect(page.getByRole("columnheader", { name: "Touches" })).toHaveAttribute("aria-sort", "descending");
  await expect(page.getByLabel("Side", { exact: true })).toHaveValue("support");
  await page.getByTestId("near").first().getByRole("link").click();
  await expect(page.getByTestId("chart")).toBeVisible();
});

test("price that moves to a level brings it onto the page", async ({ page, api, exchange }) => {
  const id = await api.analyse("SOLUSDT", "1h");
  const answer = await page.request.get(`/api/v1/analysis/${id}`);
  const { data } = (await answer.json()) as { data: { levels: { level_id: string; price: number }[] } };
  const level = data.levels.toSorted((one, other) => one.price - other.price)[0];
  if (!level) throw new Error("SOLUSDT has no level");
  const row = page.locator(`[data-testid="near"][data-symbol="SOLUSDT"][data-id="${level.level_id}"]`);
  await page.goto("/screener?within=0.5pct");
  await exchange.setPrice("SOLUSDT", level.price * 1.001);
  await expect(row.first()).toBeVisible();
  await exchange.setPrice("SOLUSDT", level.price * 1.02);
  await expect(row).toHaveCount(0);
});

test("question is saved as a watch, and listed and deleted there", async ({ page }) => {
  await page.goto("/screener?side=support&within=0.5atr");
  await page.getByTestId("save-question").click();
  await page.getByRole("button", { name: "Watches" }).last().click();
  const row = page.getByTestId("standing-watch").filter({ hasText: "Within 0.5 ATR" });
  await expect(row).toHaveCount(1);
  await row.getByRole("button", { name: "Pause" }).click();
  await expect(row).toContainText("paused");
  await row.getByRole("button", { name: "Delete" }).click();
  await expect(row).toHaveCount(0);
});
