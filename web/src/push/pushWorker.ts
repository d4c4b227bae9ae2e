/** The service worker that shows what the notifier sends by Web Push, also while no page is open. */
import { readShown, type Shown } from "./shown";

interface Client {
  url: string;
  focus(): Promise<unknown>;
}

interface WorkerEvent extends Event {
  waitUntil(done: Promise<unknown>): void;
}

interface PushReceived extends WorkerEvent {
  data: { json(): unknown } | null;
}

interface NotificationClicked extends WorkerEvent {
  notification: Notification;
}

/** What is used of ServiceWorkerGlobalScope, whose types exclude those of pages. */
interface WorkerScope {
  registration: ServiceWorkerRegistration;
  clients: {
    matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<readonly Client[]>;
    openWindow(url: string): Promise<unknown>;
  };
  addEventListener(type: "push", listener: (event: PushReceived) => void): void;
  addEventListener(type: "notificationclick", listener: (event: NotificationClicked) => void): void;
}

const worker = self as unknown as WorkerScope;

worker.addEventListener("push", (event) => {
  const shown = readShown(event.data?.json());
  if (shown) event.waitUntil(show(shown));
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { url } = event.notification.data as { url: string };
  event.waitUntil(openPage(new URL(url, location.origin).href));
});

function show({ title, body, tag, url }: Shown): Promise<void> {
  return worker.registration.showNotification(title, { body, tag, data: { url } });
}

async function openPage(url: string): Promise<void> {
  const open = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const same = open.find((client) => client.url === url);
  await (same ? same.focus() : worker.clients.openWindow(url));
}
