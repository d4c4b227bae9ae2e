/** Pages of an installation whose reads need a key: it is typed once, and everything works, the live streams included. */
import { CLOSED_PORT, READ_KEY } from "./support/stand";
import { expect, test } from "./support/test";

test.use({ baseURL: `http://127.0.0.1:${CLOSED_PORT}` });

test("key that is typed once opens the data and the streams", async ({ page, request, expectedMessages }) => {
  expectedMessages.push(/401 \(Unauthorized\)/);
  const level = await request.post("/api/v1/analysis/trigger?wait=60", {
    data: { symbol: "BTCUSDT" },
    headers: { "X-API-Key": READ_KEY },
  });
  expect(level.ok()).toBe(true);

  await page.goto("/");
  const connection = page.locator("[data-connection]");
  await expect(page.getByText("An API key is needed").first()).toBeVisible();
  await expect(connection).toHaveAttribute("data-connection", "connecting");
  await page.getByLabel("API key", { exact: true }).first().fill(READ_KEY);
  await page.getByRole("button", { name: "Save and try again" }).first().click();
  await expect(page.getByTestId("result").first()).toBeVisible();
  await expect(connection).toHaveAttribute("data-connection", "live");
  await expect(page.getByText("An API key is needed")).toHaveCount(0);

  // The key stays for the tab: a reload asks for nothing, and the page's own stream has a ticket as well.
  const near = page.waitForResponse(/\/api\/v1\/stream\/near\?.*ticket=/);
  await page.goto("/screener");
  expect((await near).status()).toBe(200);
  await expect(page.getByTestId("near").first()).toBeVisible();
  await expect(connection).toHaveAttribute("data-connection", "live");
  await expect(page.getByText("An API key is needed")).toHaveCount(0);
});
