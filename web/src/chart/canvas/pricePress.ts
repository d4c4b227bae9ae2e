/** Right clicks and long presses on the price pane, its axis included. */

/** After this time a press is long. */
export const LONG_PRESS_MS = 550;
const MOVE_TOLERANCE = 8; // pixels; a finger is never quite still

/** Call `onPress` with the distance from the top of the element in pixels; returns the unsubscribe function. */
export function listenForPricePress(element: HTMLElement, paneHeight: () => number, onPress: (y: number) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let start: { x: number; y: number } | null = null;
  const press = (clientY: number) => {
    const y = clientY - element.getBoundingClientRect().top;
    if (y < paneHeight()) onPress(y);
  };
  const forget = () => {
    clearTimeout(timer);
    start = null;
  };
  const onDown = (event: PointerEvent) => {
    forget();
    if (event.pointerType !== "touch" || !event.isPrimary) return;
    start = { x: event.clientX, y: event.clientY };
    timer = setTimeout(() => press(event.clientY), LONG_PRESS_MS);
  };
  const onMove = (event: PointerEvent) => {
    if (start && Math.hypot(event.clientX - start.x, event.clientY - start.y) > MOVE_TOLERANCE) forget();
  };
  const onMenu = (event: MouseEvent) => {
    event.preventDefault();
    // A long press may end in this event as well.
    if ((event as Partial<PointerEvent>).pointerType !== "touch") press(event.clientY);
  };
  const subscriptions = [
    ["pointerdown", onDown],
    ["pointermove", onMove],
    ["pointerup", forget],
    ["pointercancel", forget],
    ["contextmenu", onMenu],
  ] as [string, EventListener][];
  for (const [name, listener] of subscriptions) element.addEventListener(name, listener, true);
  return () => {
    forget();
    for (const [name, listener] of subscriptions) element.removeEventListener(name, listener, true);
  };
}
