/** The subscription of this browser to Web Push. */
import { get, post, remove } from "../api/client";
import { PUSH_SWITCH } from "../alerts/alertUser";
import { savePreference } from "../ui/preferences";
import workerUrl from "./pushWorker.ts?worker&url";

export function isPushSupported(): boolean {
  return window.isSecureContext && "serviceWorker" in navigator && "PushManager" in window;
}

/** Whether this browser is subscribed with the server's key. */
export async function isSubscribed(): Promise<boolean> {
  return (await findSubscription()) !== null;
}

/** Subscribe, and give the subscription to the server. Throws where browser, push service or server refuse. */
export async function subscribe(publicKey: string): Promise<void> {
  await navigator.serviceWorker.register(workerUrl, { type: "module" });
  const registration = await waitForActive();
  await (await registration.pushManager.getSubscription())?.unsubscribe(); // maybe of another key
  const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
  const { endpoint = "", keys = {} } = made.toJSON();
  try {
    await post("/api/v1/push/subscriptions", { endpoint, keys: { p256dh: keys["p256dh"] ?? "", auth: keys["auth"] ?? "" } });
  } catch (error) {
    await made.unsubscribe(); // the server does not know of it
    throw error;
  }
  savePreference(PUSH_SWITCH, "on");
}

export async function unsubscribe(): Promise<void> {
  const subscription = await findSubscription();
  savePreference(PUSH_SWITCH, "off");
  if (!subscription) return;
  await subscription.unsubscribe();
  await remove("/api/v1/push/subscriptions/{subscription_id}", { path: { subscription_id: await hash(subscription.endpoint) } });
}

export async function readPublicKey(signal: AbortSignal): Promise<string | null> {
  return (await get("/api/v1/push", { signal })).public_key;
}

const scope = () => new URL(".", new URL(workerUrl, location.origin)).href;

async function findSubscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration(scope());
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/** `serviceWorker.ready` is of workers that control this page; ours controls none. */
async function waitForActive(): Promise<ServiceWorkerRegistration> {
  const registration = await navigator.serviceWorker.getRegistration(scope());
  if (!registration) throw new Error("the service worker is not registered");
  const starting = registration.installing ?? registration.waiting;
  if (!registration.active && starting) {
    await new Promise<void>((resolve) => starting.addEventListener("statechange", () => starting.state === "activated" && resolve()));
  }
  return registration;
}

async function hash(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
