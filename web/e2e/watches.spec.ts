import { expectAccessible } from "./support/axe";
import { expect, test } from "./support/test";

const LATE = {
  fire_id: "00000000-0000-5000-8000-000000000001",
  watch_id: "00000000-0000-4000-8000-000000000001",
  exchange: "sim",
  market_type: "spot",
  symbol: "BNBUSDT",
  condition: "touch",
  target: 1,
  price: 1,
  side: "long",
  level_id: null,
  at: "2026-11-22T12:00:00Z",
  late: true,
};
const FAR = { symbol: "BNBUSDT", condition: "touch", side: "long", target: 1 };

test.describe("watch list", () => {
  test("changes a watch to fire near its target, and shows the distance again", async ({ page, api }) => {
    const id = await api.createWatch(FAR);
    await page.goto("/watches");
    const row = page.locator(`[data-testid="watch"][data-id="${id}"]`);
    await row.getByRole("button", { name: /Change/ }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByLabel("How near")).toHaveCount(0);
    await dialog.getByLabel("Fires when the price").selectOption("approach");
    await dialog.getByLabel("How near").fill("0");
    await expect(dialog.getByTestId("save-watch")).toBeDisabled();
    await dialog.getByLabel("How near").fill("2.5");
    await expectAccessible(page);
    await dialog.getByTestId("save-watch").click();
    await expect(dialog).toBeHidden();
    await expect(row).toContainText("comes near it"); // the list is loaded again after the dialog has closed
    await row.getByRole("button", { name: /Change/ }).click();
    await expect(dialog.getByLabel("How near")).toHaveValue("2.5");
  });

  test("pauses, resumes and edits a watch", async ({ page, api }) => {
    const id = await api.createWatch({ ...FAR, note: "to be changed" });
    await page.goto("/watches");
    const row = page.locator(`[data-testid="watch"][data-id="${id}"]`);
    await expect(row).toHaveAttribute("data-state", "active");
    await expect(row.getByTestId("distance")).toContainText("−99");
    await row.getByRole("button", { name: /Pause/ }).click();
    await expect(row).toHaveAttribute("data-state", "paused");
    await row.getByRole("button", { name: /Resume/ }).click();
    await expect(row).toHaveAttribute("data-state", "active");

    await row.getByRole("button", { name: /Change/ }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByLabel("Note")).toHaveValue("to be changed");
    await dialog.getByRole("radio", { name: "Short" }).click();
    await dialog.getByLabel("Price", { exact: true }).fill("2.5");
    await dialog.getByLabel("Note").fill("changed");
    await dialog.getByTestId("save-watch").click();
    await expect(dialog).toBeHidden();
    await expect(row).toContainText("Short");
    await expect(row).toContainText("changed");
    await expect(row.locator(".cell-target")).toContainText("2.50");
  });

  test("refuses an invalid price", async ({ page, api }) => {
    const id = await api.createWatch(FAR);
    await page.goto("/watches");
    await page.locator(`[data-id="${id}"]`).getByRole("button", { name: /Change/ }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Price", { exact: true }).fill("abc");
    await expect(dialog).toContainText("This is not a price.");
    await expect(dialog.getByTestId("save-watch")).toBeDisabled();
  });

  test("reads a decimal comma, and refuses a comma that may group digits", async ({ page, api }) => {
    const id = await api.createWatch(FAR);
    await page.goto("/watches");
    const row = page.locator(`[data-testid="watch"][data-id="${id}"]`);
    await row.getByRole("button", { name: /Change/ }).click();
    const dialog = page.getByRole("dialog");
    const price = dialog.getByLabel("Price", { exact: true });
    await price.fill("1,234");
    await expect(dialog).toContainText("This may be 1234 or 1.234.");
    await expect(dialog.getByTestId("save-watch")).toBeDisabled();
    await price.fill("150,5");
    await expect(dialog.getByTestId("target-reading")).toContainText("= 150.50");
    await dialog.getByTestId("save-watch").click();
    await expect(dialog).toBeHidden();
    await expect(row.locator(".cell-target")).toContainText("150.50");
  });

  test("shows a price below 1e-8 with its digits, in the list and in the dialog", async ({ page, api }) => {
    const id = await api.createWatch({ ...FAR, target: 1.23e-9 });
    await page.goto("/watches");
    const row = page.locator(`[data-testid="watch"][data-id="${id}"]`);
    await expect(row.locator(".cell-target")).toContainText("0.00000000123");
    await row.getByRole("button", { name: /Change/ }).click();
    await expect(page.getByRole("dialog").getByLabel("Price", { exact: true })).toHaveValue("0.00000000123");
  });

  test("deletes a watch, and takes it back", async ({ page, api }) => {
    const id = await api.createWatch({ ...FAR, target: 3 });
    await page.goto("/watches");
    const row = page.locator(`[data-testid="watch"][data-id="${id}"]`);
    await row.getByRole("button", { name: /Pause/ }).click();
    await expect(row).toHaveAttribute("data-state", "paused");
    await row.getByRole("button", { name: /Delete/ }).click();
    await expect(row).toHaveCount(0);
    await page.getByTestId("toast").getByRole("button", { name: "Undo" }).click();
    await expect(row).toHaveAttribute("data-state", "paused");
  });

  test("duplicates a watch", async ({ page, api }) => {
    const id = await api.createWatch({ ...FAR, target: 7, note: "twice" });
    await page.goto("/watches");
    await page.locator(`[data-testid="watch"][data-id="${id}"]`).getByRole("button", { name: /Duplicate/ }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByLabel("Note")).toHaveValue("twice");
    await expect(dialog.getByLabel("Price", { exact: true })).toHaveValue("7");
    await dialog.getByLabel("Price", { exact: true }).fill("7.5");
    await dialog.getByTestId("save-watch").click();
    await expect(page.getByTestId("watch").filter({ hasText: "twice" })).toHaveCount(2);
  });

  test("creates a watch on a market that is chosen there", async ({ page, api }) => {
    await page.goto("/watches");
    await page.getByTestId("new-watch").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Symbol").fill("ada");
    await dialog.getByRole("option", { name: "ADAUSDT" }).click();
    await expectAccessible(page);
    await dialog.getByTestId("choose-market").click();
    const last = await api.lastPrice("ADAUSDT");
    const price = dialog.getByLabel("Price", { exact: true });
    expect(Math.abs(Number(await price.inputValue()) / last - 1)).toBeLessThan(0.2);
    await price.fill("0.0123");
    await expectAccessible(page);
    await dialog.getByTestId("save-watch").click();
    await expect(page.getByTestId("watch").filter({ hasText: "0.0123" })).toHaveAttribute("data-symbol", "ADAUSDT");
  });

  test("filters by state", async ({ page, api }) => {
    await api.createWatch({ ...FAR, target: 4 });
    await page.goto("/watches");
    await expect(page.getByTestId("watch").first()).toBeVisible();
    await page.getByLabel("All states").selectOption("cancelled");
    await expect(page).toHaveURL(/state=cancelled/);
    await expect(page.getByRole("heading", { name: "No watch is in this state" })).toBeVisible();
  });
});

test("fired watch shows a toast on any page, and an entry in its history", async ({ page, api, exchange }) => {
  const price = await api.lastPrice("LTCUSDT");
  const target = Number((price * 0.9).toFixed(2));
  const id = await api.createWatch({ symbol: "LTCUSDT", condition: "cross_down", side: "long", target });
  await page.goto("/pipeline");
  await expect(page.locator('[data-connection="live"]')).toBeVisible();
  // A watch is armed by a price on this side of the target.
  await page.goto("/watches");
  const row = page.locator(`[data-testid="watch"][data-id="${id}"]`);
  await expect(row.getByTestId("distance")).toContainText("−");
  await page.getByRole("link", { name: "Pipeline" }).click();
  await expect(async () => {
    await exchange.setPrice("LTCUSDT", price);
    await exchange.setPrice("LTCUSDT", target * 0.98);
    await expect(page.getByTestId("toast").filter({ hasText: "LTCUSDT" })).toBeVisible({ timeout: 10_000 });
  }).toPass({ timeout: 60_000 });
  await page.getByRole("link", { name: "Watches" }).click();
  await expect(row).toHaveAttribute("data-state", "fired");
  await row.getByRole("button", { name: /History/ }).click();
  await expect(page.getByTestId("fire")).toHaveCount(1);
});

test("price below 1e-8 is shown with its digits in the list, in the toast and on the chart", async ({ page, api, exchange }) => {
  test.setTimeout(180_000);
  const id = await api.createWatch({ symbol: "PEPEUSDT", condition: "cross_down", side: "long", target: 1.5e-9 });
  await exchange.setPrice("PEPEUSDT", 1.64e-9);
  await page.goto("/watches");
  const row = page.locator(`[data-testid="watch"][data-id="${id}"]`);
  await expect(row.locator(".cell-now")).toContainText("0.00000000164");
  await exchange.setPrice("PEPEUSDT", 1.23e-9);
  await expect(page.getByTestId("toast").filter({ hasText: "PEPEUSDT" })).toContainText("0.00000000123");
  await page.goto("/chart?symbol=PEPEUSDT&market_type=spot&exchange=sim&interval=1h");
  await expect(page).toHaveTitle(/0\.00000000123/);
});

test("fire while no page was open is shown, with a clock that is a day off and the watch far down the list", async ({ page, api, exchange }) => {
  test.setTimeout(180_000);
  await page.addInitScript(() => {
    const now = Date.now;
    Date.now = () => now() + 86_400_000;
  });
  const price = await api.lastPrice("DOTUSDT");
  const id = await api.createWatch({ symbol: "DOTUSDT", condition: "cross_down", side: "long", target: price * 0.9 });
  const newer: string[] = [];
  for (let count = 0; count < 101; count += 1) newer.push(await api.createWatch({ ...FAR, target: 5 + count }));
  await page.goto("/pipeline");
  await expect(page.locator('[data-connection="live"]')).toBeVisible();
  await expect.poll(() => page.evaluate(() => localStorage.getItem("strandline.fires"))).toContain("cursor");
  await page.goto("about:blank");
  await expect(async () => {
    await exchange.setPrice("DOTUSDT", price);
    await exchange.setPrice("DOTUSDT", price * 0.88);
    const { data } = (await (await page.request.get(`/api/v1/watches/${id}`)).json()) as { data: { state: string } };
    expect(data.state).toBe("fired");
  }).toPass({ timeout: 90_000 });
  await page.goto("/pipeline");
  await expect(page.getByTestId("toast").filter({ hasText: "DOTUSDT" })).toBeVisible();
  for (const one of newer) await page.request.delete(`/api/v1/watches/${one}`);
});

test("a blind watch, and a fire that was seen late, are marked with their times", async ({ page, api }) => {
  const id = await api.createWatch({ ...FAR, note: "out of sight" });
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
  await page.route("**/api/v1/watches?*", async (route) => {
    const body = (await (await route.fetch()).json()) as { data: Record<string, unknown>[] };
    const seen = { price_at: ago(5), blind: true, blind_since: ago(5), fires: 1, last_fired_at: ago(7), last_fired_late: true };
    body.data = body.data.map((watch) => (watch.id === id ? { ...watch, ...seen } : watch));
    await route.fulfill({ json: body });
  });
  await page.route(`**/api/v1/watches/${id}/fires*`, (route) => route.fulfill({ json: { data: [LATE] } }));
  await page.route("**/api/v1/fires?*", (route) => route.fulfill({ json: { data: [LATE], cursor: "1-x", has_more: false } }));
  await page.goto("/watches");
  const row = page.locator(`[data-testid="watch"][data-id="${id}"]`);
  await expect(row.getByTestId("blind")).toHaveText("blind");
  await expect(row.locator(".cell-state")).toContainText(/no price since [456] min ago/);
  await expect(row.locator(".cell-now")).toContainText(/from [456] min ago/);
  await expect(row.getByTestId("late")).toHaveText("late");
  await expect(page.getByTestId("toast")).toContainText("seen late, in a candle");
  await row.getByRole("button", { name: /History/ }).click();
  await expect(page.getByTestId("fire").getByTestId("late")).toBeVisible();
  await page.request.delete(`/api/v1/watches/${id}`);
});
