/** Every dialog, menu and passing message is accessible, in both themes, and has a screenshot to look at. */
import type { Page } from "@playwright/test";
import { expectAccessible } from "./support/axe";
import { expect, test, type Api } from "./support/test";

const CHART = "/chart?symbol=BTCUSDT&exchange=sim&market_type=spot&interval=1h";
const FAR = { symbol: "BNBUSDT", condition: "touch", side: "long", target: 1 };

interface Opened {
  name: string;
  open: (page: Page, api: Api) => Promise<void>;
}

const openChart = async (page: Page) => {
  await page.goto(CHART);
  await expect(page.getByTestId("level").first()).toBeVisible();
};
const openWatch = async (page: Page, api: Api, button: RegExp) => {
  const id = await api.createWatch(FAR);
  await page.goto("/watches");
  await page.locator(`[data-testid="watch"][data-id="${id}"]`).getByRole("button", { name: button }).click();
};
const seeDialog = (page: Page) => expect(page.getByRole("dialog")).toBeVisible();

const OPENED: Opened[] = [
  {
    name: "keys",
    open: async (page) => {
      await openChart(page);
      await page.keyboard.press("?");
      await seeDialog(page);
    },
  },
  {
    name: "switcher",
    open: async (page) => {
      await openChart(page);
      await page.keyboard.press("/");
      await expect(page.getByTestId("switch-to").first()).toBeVisible();
    },
  },
  {
    name: "view-menu",
    open: async (page) => {
      await openChart(page);
      await page.getByTestId("view-menu").click();
      await expect(page.getByRole("radio", { name: "Logarithmic" })).toBeVisible();
    },
  },
  {
    name: "watch-dialog",
    open: async (page) => {
      await openChart(page);
      await page.getByTestId("watch-price").click();
      await seeDialog(page);
      await page.getByRole("dialog").getByText("Notifications", { exact: true }).click();
    },
  },
  {
    name: "new-watch",
    open: async (page) => {
      await page.goto("/watches");
      await page.getByTestId("new-watch").click();
      await seeDialog(page);
    },
  },
  { name: "edit-watch", open: async (page, api) => openWatch(page, api, /Change/).then(() => seeDialog(page)) },
  { name: "history", open: async (page, api) => openWatch(page, api, /History/).then(() => seeDialog(page)) },
  {
    name: "undo",
    open: async (page, api) => {
      await openWatch(page, api, /Delete/);
      await expect(page.getByTestId("toast").first()).toBeVisible();
    },
  },
  {
    name: "alerts",
    open: async (page) => {
      await page.goto("/watches");
      await page.getByTestId("alerts").click();
      await seeDialog(page);
    },
  },
];

for (const { name, open } of OPENED) {
  test(`${name} is accessible in both themes`, async ({ page, api }) => {
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
    await open(page, api);
    for (const theme of ["dark", "light"]) {
      await page.evaluate((chosen) => (document.documentElement.dataset["theme"] = chosen), theme);
      await expectAccessible(page);
      await page.screenshot({ path: `test-results/dialogs/${name}-${theme}.png` });
    }
    await page.setViewportSize({ width: 390, height: 844 });
    await expectAccessible(page);
    await page.screenshot({ path: `test-results/dialogs/${name}-phone.png` });
  });
}
