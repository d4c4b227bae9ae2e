/** How the user learns of fires: in this browser, and through the notifier. */
import { expectAccessible } from "./support/axe";
import { IMAGES } from "./support/stand";
import { expect, test } from "./support/test";

const FAR = { symbol: "BNBUSDT", condition: "touch", side: "long", target: 1 };

test("words and mute hours of a watch are checked, and kept", async ({ page, api }) => {
  const id = await api.createWatch(FAR);
  await page.goto("/watches");
  const row = page.locator(`[data-testid="watch"][data-id="${id}"]`);
  const dialog = page.getByRole("dialog");
  await row.getByRole("button", { name: /Change/ }).click();
  await dialog.getByText("Notifications", { exact: true }).click();
  const message = dialog.getByLabel("Message");
  await message.fill("{prise}");
  await expect(dialog).toContainText("{prise} is no placeholder.");
  await expect(dialog.getByTestId("save-watch")).toBeDisabled();
  await message.fill("{symbol} {condition} {target}");
  await dialog.getByTestId("mute").check();
  await expectAccessible(page);
  await page.screenshot({ path: `${IMAGES}/watch-notifications.png` });
  await dialog.getByTestId("save-watch").click();
  await expect(dialog).toBeHidden();
  await row.getByRole("button", { name: /Change/ }).click();
  await expect(dialog.getByLabel("Message")).toHaveValue("{symbol} {condition} {target}");
  await expect(dialog.getByLabel("Mute from")).toHaveValue("22:00");
});

test("alerts have settings, accessible in both themes", async ({ page }) => {
  await page.goto("/watches");
  await page.getByTestId("alerts").click();
  await expect(page.getByRole("dialog")).toContainText("The notifier has no targets");
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await page.getByTestId("theme").click();
  await page.getByTestId("alerts").click();
  await expectAccessible(page);
});

test("targets are listed with their state and the outcome of a test", async ({ page }) => {
  const now = new Date().toISOString();
  const target = (name: string, kind: string, error: string | null) => ({
    name,
    kind,
    state: error === null ? "ok" : "failing",
    seen_at: now,
    delivered_at: now,
    error,
  });
  const targets = [target("telegram 1", "telegram", null), target("webhook 1 (bot.example)", "webhook", "it answers HTTP 503")];
  await page.route("**/api/v1/targets", (route) => route.fulfill({ json: { data: targets } }));
  await page.route("**/api/v1/targets/*/test", (route) => route.fulfill({ json: { name: "telegram 1", delivered: true, error: null } }));
  await page.goto("/watches");
  await page.getByTestId("alerts").click();
  const rows = page.getByTestId("target");
  await expect(rows.nth(1)).toContainText("it answers HTTP 503");
  await rows.first().getByTestId("test-target").click();
  await expect(rows.first().getByRole("status")).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: `${IMAGES}/alerts.png` });
});
