/**
 * Clicks and taps on the price pane.
 *
 * The library swallows a click that follows another within half a second a few pixels away, taking the two for a double
 * click that moved: just what happens at two close lines. So a mouse's clicks are the browser's own, and only taps,
 * which the library keeps from becoming clicks, are the library's.
 */
import type { IChartApi, MouseEventParams } from "lightweight-charts";

const DRAGGED = 5; // pixels between press and release from which it was no click

/** `clicked` hears how many pixels below the top of the chart. Returns what ends it. */
export function listenForClicks(chart: IChartApi, element: HTMLElement, clicked: (y: number) => void): () => void {
  let pressed: { x: number; y: number; touch: boolean } | null = null;
  const onPress = (event: PointerEvent) => {
    pressed = { x: event.clientX, y: event.clientY, touch: event.pointerType === "touch" };
  };
  const onClick = (event: MouseEvent) => {
    if (!pressed || pressed.touch) return;
    if (Math.abs(event.clientX - pressed.x) + Math.abs(event.clientY - pressed.y) >= DRAGGED) return;
    const { left, top } = element.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    if (x < chart.timeScale().width() && y < (chart.panes()[0]?.getHeight() ?? 0)) clicked(y);
  };
  const onTap = ({ point, paneIndex }: MouseEventParams) => {
    if (pressed?.touch && point && paneIndex === 0) clicked(point.y);
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
