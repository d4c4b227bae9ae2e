/** Watches that are set and moved on the chart itself. */
import type { Page } from "@playwright/test";
import { expectAccessible } from "./support/axe";
import { expect, test, type Api } from "./support/test";

const ADDRESS = "/chart?symbol=BTCUSDT&market_type=spot&exchange=sim&interval=1h";

/** Open the chart; returns where it is. */
async function open(page: Page) {
  await page.goto(ADDRESS);
  await expect(page.locator('[data-testid="level"][data-y]').first()).toBeVisible();
  const box = await page.getByTestId("chart").boundingBox();
  if (!box) throw new Error("the chart is not shown");
  return box;
}

const dialogPrice = async (page: Page) => Number(await page.getByRole("dialog").getByLabel("Price", { exact: true }).inputValue());

async function watchNear(api: Api, factor: number): Promise<{ id: string; target: number }> {
  const target = Number(((await api.lastPrice("BTCUSDT")) * factor).toFixed(2));
  return { id: await api.createWatch({ symbol: "BTCUSDT", condition: "touch", side: "long", target }), target };
}

test("right click, plus beside the axis and key watch the price at that height", async ({ page }) => {
  const box = await open(page);
  const [x, y] = [box.x + box.width * 0.4, box.y + box.height * 0.3];
  await page.mouse.click(x, y, { button: "right" });
  const clicked = await dialogPrice(page);
  expect(clicked).toBeGreaterThan(0);
  await expectAccessible(page);
  await page.keyboard.press("Escape");

  await page.mouse.move(x, y);
  const plus = page.getByTestId("axis-plus");
  await expect(plus).toBeVisible();
  await page.keyboard.press("Shift+W");
  expect(await dialogPrice(page)).toBe(clicked);
  await page.keyboard.press("Escape");

  await page.mouse.move(x + 1, y);
  await plus.click();
  expect(Math.abs((await dialogPrice(page)) / clicked - 1)).toBeLessThan(0.001);
  await page.getByTestId("save-watch").click();
  await expect(page.getByTestId("watch-handle").first()).toBeVisible();
});

test("line of a watch is dragged, and moved back", async ({ page, api }) => {
  const { id, target } = await watchNear(api, 0.995);
  await open(page);
  const handle = page.locator(`[data-testid="watch-handle"][data-id="${id}"]`);
  const row = page.locator(`[data-testid="market-watch"][data-id="${id}"]`);
  const grip = await handle.boundingBox();
  if (!grip) throw new Error("the handle is not shown");
  const [x, y] = [grip.x + grip.width / 2, grip.y + grip.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, y + 15, { steps: 3 });
  await page.mouse.up();
  await expect.poll(async () => Number(await row.getAttribute("data-target"))).toBeLessThan(target);
  await page.getByTestId("toast").getByRole("button", { name: "Undo" }).click();
  await expect(row).toHaveAttribute("data-target", String(target));
});

test("line of a watch is moved by keys", async ({ page, api }) => {
  const { id, target } = await watchNear(api, 0.99);
  await open(page);
  const handle = page.locator(`[data-testid="watch-handle"][data-id="${id}"]`);
  const row = page.locator(`[data-testid="market-watch"][data-id="${id}"]`);
  await handle.focus();
  await page.keyboard.press("Shift+ArrowUp");
  await page.keyboard.press("Escape");
  await expect(handle).toHaveAttribute("aria-valuenow", String(target));
  await page.keyboard.press("Shift+ArrowUp");
  await page.keyboard.press("Enter");
  await expect.poll(async () => Number(await row.getAttribute("data-target"))).toBeGreaterThan(target);
  await expectAccessible(page);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test("long press watches the price under the finger", async ({ page }) => {
    const box = await open(page);
    const session = await page.context().newCDPSession(page);
    const touchPoints = [{ x: box.x + 120, y: box.y + 120 }];
    await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints });
    await expect(page.getByRole("dialog")).toBeVisible();
    await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    expect(await dialogPrice(page)).toBeGreaterThan(0);
  });
});
