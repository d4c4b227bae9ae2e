/** The levels of several timeframes on one chart, and where their zones meet. */
import { expectAccessible } from "./support/axe";
import { expect, test } from "./support/test";

const CHART = "/chart?symbol=BTCUSDT&market_type=spot&exchange=sim&interval=1h";

test("levels of other timeframes are chosen by keys, marked where zones meet, and kept", async ({ page, api }) => {
  await api.analyse("BTCUSDT", "1h");
  await api.analyse("BTCUSDT", "4h");
  await page.goto(CHART);
  const levels = page.getByTestId("level");
  await expect(levels.first()).toHaveAttribute("data-y", /./);
  await page.keyboard.press("Shift+O");
  const four = page.getByRole("group", { name: "Levels of other timeframes" }).getByRole("button", { name: "4h" });
  await four.focus();
  await page.keyboard.press("Space");
  await expect(four).toHaveAttribute("aria-pressed", "true");
  await expect(page).toHaveURL(/others=4h/);
  await expect(page.getByTestId("timeframes-menu")).toHaveText("+1");
  const others = page.locator('[data-testid="level"][data-timeframe="4h"]');
  await expect(others.first()).toHaveAttribute("data-y", /./);
  await expectAccessible(page);

  const { data } = (await (await page.request.get("/api/v1/analysis/results?symbol=BTCUSDT&include=levels")).json()) as { data: Row[] };
  const [own, other] = ["1h", "4h"].map((name) => data.find(({ timeframe }) => timeframe === name)?.levels ?? []);
  const meeting = own?.filter((one) => other?.some(({ low, high }) => one.low <= high && low <= one.high)) ?? [];
  expect(meeting.length, "the simulator's levels of 1h and 4h meet").toBeGreaterThan(0);
  const marked = page.locator('[data-testid="level"]:not([data-timeframe])').filter({ has: page.getByTestId("confluence") });
  await expect(marked).toHaveCount(meeting.length);

  const link = page.getByRole("link", { name: "What was measured" }).first();
  const answer = await page.request.get((await link.getAttribute("href")) ?? "");
  expect(await answer.text()).toContain("timeframes 4 and 12 times as long that see it");

  await page.goto(CHART);
  await expect(others.first()).toBeVisible();
  await expect(page).toHaveURL(/others=4h/);
});

interface Row {
  timeframe: string;
  levels: { low: number; high: number }[];
}
