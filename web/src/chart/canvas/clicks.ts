/**
 * Clicks and taps on the price pane.
 *
 * The charting library drops a click that follows another within half a second a few pixels away, taking it for a double
 * click; this happens at two close lines. Mouse clicks are therefore taken from the browser, and only taps, which the
 * library prevents from becoming clicks, from the library.
 */
import type { IChartApi, MouseEventParams } from "lightweight-charts";

const DRAG_DISTANCE = 5; // pixels between press and release from which it is a drag

/** Call `onHit` with the position in the chart in pixels; returns the unsubscribe function. */
export function listenForClicks(chart: IChartApi, element: HTMLElement, onHit: (point: { x: number; y: number }) => void): () => void {
  let pressed: { x: number; y: number; touch: boolean } | null = null;
  const onPress = (event: PointerEvent) => {
    pressed = { x: event.clientX, y: event.clientY, touch: event.pointerType === "touch" };
  };
  const onClick = (event: MouseEvent) => {
    if (!pressed || pressed.touch) return;
    if (Math.abs(event.clientX - pressed.x) + Math.abs(event.clientY - pressed.y) >= DRAG_DISTANCE) return;
    const { left, top } = element.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    if (x < chart.timeScale().width() && y < (chart.panes()[0]?.getHeight() ?? 0)) onHit({ x, y });
  };
  const onTap = ({ point, paneIndex }: MouseEventParams) => {
    if (pressed?.touch && point && paneIndex === 0) onHit(point);
  };
  element.addEventListener("pointerdown", onPress, true);
  element.addEventListener("click", onClick);
  chart.subscribeClick(onTap);
  return () => {
    element.removeEventListener("pointerdown", onPress, true);
    element.removeEventListener("click", onClick);
    chart.unsubscribeClick(onTap);
  };
}
