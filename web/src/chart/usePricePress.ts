import { useEffect, useEffectEvent, useRef } from "react";
import { useMessages } from "../i18n/language";
import { useShortcut } from "../keys/shortcuts";
import type { PriceLink } from "./canvas/priceLink";
import { stepPrice } from "./marketWatches";

/**
 * Call `onPrice` with the price of a right click, a long press or the key, rounded to the digits that are shown. Returns
 * the function that rounds, for other ways to choose a price. The key takes the price at the crosshair, or null.
 */
export function usePricePress(link: PriceLink | null, decimals: number, onPrice: (price: number | null) => void) {
  const m = useMessages().chart;
  const crosshair = useRef<number | null>(null);
  const pick = (price: number) => onPrice(stepPrice(price, 0, decimals));
  const press = (y: number) => {
    const price = link?.priceAt(y) ?? null;
    if (price !== null && price > 0) pick(price);
  };
  const onPress = useEffectEvent(press);
  useEffect(() => link?.followPresses((y) => onPress(y)), [link]);
  useEffect(
    () =>
      link?.followCrosshair((y) => {
        crosshair.current = y;
      }),
    [link],
  );
  useShortcut({ combos: ["Shift+W"], group: "chart", label: m.watchThisPrice }, () => {
    if (crosshair.current === null) onPrice(null);
    else press(crosshair.current);
  });
  return pick;
}
