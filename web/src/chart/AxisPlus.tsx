import { useEffect, useRef } from "react";
import { useMessages } from "../i18n/language";
import type { PriceLink } from "./canvas/priceLink";

/** A plus beside the axis at the height of the crosshair, for a mouse. The keyboard has a key of its own. */
export function AxisPlus({ link, onPrice }: { link: PriceLink; onPrice: (price: number) => void }) {
  const m = useMessages().chart;
  const button = useRef<HTMLButtonElement>(null);
  const y = useRef<number | null>(null);
  useEffect(
    () =>
      link.followCrosshair((next) => {
        const element = button.current;
        // The pointer has left the canvas for the button itself.
        if (!element || (next === null && element.matches(":hover"))) return;
        y.current = next;
        element.hidden = next === null;
        element.style.top = `${next ?? 0}px`;
        element.style.right = `${link.axisWidth()}px`;
      }),
    [link],
  );
  return (
    <button
      ref={button}
      hidden
      type="button"
      className="axis-plus"
      tabIndex={-1}
      aria-label={m.watchThisPrice}
      title={m.watchThisPrice}
      data-testid="axis-plus"
      onPointerLeave={() => button.current && (button.current.hidden = true)}
      onClick={() => {
        const price = y.current === null ? null : link.priceAt(y.current);
        if (price !== null && price > 0) onPrice(price);
      }}
    >
      +
    </button>
  );
}
