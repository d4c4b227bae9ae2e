/** Notifications of the browser. They need the user's permission, and HTTPS or localhost. */

export type Permission = NotificationPermission | "unsupported";

export function readPermission(): Permission {
  return typeof Notification === "undefined" || !window.isSecureContext ? "unsupported" : Notification.permission;
}

/** Ask the user; browsers show the question only after a click. */
export async function askPermission(): Promise<Permission> {
  return readPermission() === "default" ? Notification.requestPermission() : readPermission();
}

interface Notice {
  /** Of several tabs that show the same, the browser keeps one. */
  tag: string;
  title: string;
  body: string;
  onClick: () => void;
}

/** Show a notification; does nothing without the permission. */
export function showNotification({ tag, title, body, onClick }: Notice): void {
  if (readPermission() !== "granted") return;
  try {
    const shown = new Notification(title, { tag, body });
    shown.onclick = () => {
      window.focus();
      onClick();
      shown.close();
    };
  } catch {
    // Browsers of phones show notifications of service workers only: the toast remains.
  }
}
