import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LONG_PRESS_MS, listenForPricePress } from "./pricePress";

let element: HTMLElement;
let stop: () => void;
const onPress = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  onPress.mockReset();
  element = document.createElement("div");
  document.body.replaceChildren(element);
  stop = listenForPricePress(element, () => 300, onPress);
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

const point = (type: string, clientY: number, pointerType = "touch") =>
  element.dispatchEvent(new PointerEvent(type, { clientX: 10, clientY, pointerType, isPrimary: true, bubbles: true, cancelable: true }));

it("takes a right click, and keeps the browser's menu away", () => {
  const shown = element.dispatchEvent(new MouseEvent("contextmenu", { clientY: 120, cancelable: true }));
  expect(onPress).toHaveBeenCalledExactlyOnceWith(120);
  expect(shown).toBe(false);
});

it("ignores a right click below the price pane", () => {
  element.dispatchEvent(new MouseEvent("contextmenu", { clientY: 310, cancelable: true }));
  expect(onPress).not.toHaveBeenCalled();
});

it("takes a long touch once, whether or not the browser makes a right click of it", () => {
  point("pointerdown", 80);
  vi.advanceTimersByTime(LONG_PRESS_MS);
  point("contextmenu", 80);
  expect(onPress).toHaveBeenCalledExactlyOnceWith(80);
});

it.each([
  ["a short touch", () => point("pointerup", 80)],
  ["a touch that moves", () => point("pointermove", 95)],
])("ignores %s", (_, end) => {
  point("pointerdown", 80);
  end();
  vi.advanceTimersByTime(LONG_PRESS_MS);
  expect(onPress).not.toHaveBeenCalled();
});

it("ignores a long press of the mouse, which drags", () => {
  point("pointerdown", 80, "mouse");
  vi.advanceTimersByTime(LONG_PRESS_MS);
  expect(onPress).not.toHaveBeenCalled();
});
