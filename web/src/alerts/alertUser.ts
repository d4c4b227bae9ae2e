import { loadSwitch } from "../ui/preferences";
import { showNotification } from "./notifications";
import { playSound } from "./sound";
import { markTab } from "./tabMark";

export const NOTIFY_SWITCH = "alerts-notify";
export const SOUND_SWITCH = "alerts-sound";
/** On while this browser is subscribed to Web Push. */
export const PUSH_SWITCH = "alerts-push";

interface Alert {
  id: string;
  title: string;
  body: string;
  onClick: () => void;
}

/** Draw attention to a fire outside of the page; each of several open tabs marks itself, and one makes the sound. */
export function alertUser({ id, title, body, onClick }: Alert): void {
  markTab();
  const elsewhere = loadSwitch(PUSH_SWITCH, false); // the service worker shows it
  if (!elsewhere && loadSwitch(NOTIFY_SWITCH, true) && document.visibilityState === "hidden") showNotification({ tag: id, title, body, onClick });
  if (loadSwitch(SOUND_SWITCH, true)) void playOnce(id);
}

const HOLD_MS = 5_000;

/** Play in the first tab that comes to it: the others find the lock taken. */
async function playOnce(id: string): Promise<void> {
  if (!("locks" in navigator)) {
    playSound();
    return;
  }
  await navigator.locks.request(`strandline-sound-${id}`, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    playSound();
    await new Promise((resolve) => setTimeout(resolve, HOLD_MS));
  });
}
