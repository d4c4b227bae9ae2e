/** Notifications by Web Push: the service worker shows what is delivered to it, and the browser subscribes and unsubscribes. */
import type { Page } from "@playwright/test";
import { expectAccessible } from "./support/axe";
import { expect, test } from "./support/test";

const ENDPOINT = "https://push.example/send/e2e";

/** Headless Chromium has no push service: the subscription is made up, the worker and its registration are real. */
async function fakePushService(page: Page): Promise<void> {
  await page.addInitScript((endpoint) => {
    const made = {
      endpoint,
      toJSON: () => ({ endpoint, keys: { p256dh: "A".repeat(87), auth: "a".repeat(22) } }),
      unsubscribe: () => {
        localStorage.removeItem("subscribed");
        return Promise.resolve(true);
      },
    } as unknown as PushSubscription;
    PushManager.prototype.subscribe = () => {
      localStorage.setItem("subscribed", "yes");
      return Promise.resolve(made);
    };
    PushManager.prototype.getSubscription = () => Promise.resolve(localStorage.getItem("subscribed") ? made : null);
  }, ENDPOINT);
}

test("a browser subscribes, shows what is pushed, and unsubscribes", async ({ page, context, baseURL }) => {
  const origin = baseURL ?? "";
  await context.grantPermissions(["notifications"], { origin });
  await fakePushService(page);
  const session = await context.newCDPSession(page);
  const registrations = new Map<string, string>();
  session.on("ServiceWorker.workerRegistrationUpdated", (event) => {
    for (const { scopeURL, registrationId } of event.registrations) registrations.set(scopeURL, registrationId);
  });
  await session.send("ServiceWorker.enable");
  await page.goto("/watches");
  await page.getByTestId("alerts").click();
  const push = page.getByTestId("push");
  const subscribed = page.waitForResponse((response) => response.url().endsWith("/push/subscriptions"));
  await push.click();
  expect((await subscribed).status()).toBe(201);
  await expect(push).toBeChecked();
  await expectAccessible(page);

  await expect.poll(() => registrations.get(`${origin}/assets/`)).toBeTruthy();
  const data = JSON.stringify({ title: "BTCUSDT touched 64000", body: "sim spot", tag: "f-1", url: "/chart?symbol=BTCUSDT" });
  await session.send("ServiceWorker.deliverPushMessage", { origin, registrationId: registrations.get(`${origin}/assets/`) ?? "", data });
  const shown = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration("/assets/");
      return (await registration?.getNotifications())?.map(({ title, tag }) => [title, tag]);
    });
  await expect.poll(shown).toEqual([["BTCUSDT touched 64000", "f-1"]]);

  const removed = page.waitForResponse((response) => response.request().method() === "DELETE");
  await push.click();
  expect((await removed).status()).toBe(204);
  await expect(push).not.toBeChecked();
});
