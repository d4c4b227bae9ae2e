import { useMessages } from "../i18n/language";
import { stars } from "./storedList";
import { useStars } from "./useMarketLists";

const STAR = "M8 1.9l1.9 3.9 4.2.6-3 3 .7 4.2L8 11.6l-3.8 2 .7-4.2-3-3 4.2-.6z";

export function StarMark({ lit }: { lit: boolean }) {
  return (
    <svg className={lit ? "icon star lit" : "icon star"} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={STAR} />
    </svg>
  );
}

/** Gives a market a star, or takes it away; stars are kept in this browser. */
export function StarButton({ marketKey, symbol }: { marketKey: string; symbol: string }) {
  const m = useMessages().markets;
  const lit = useStars().includes(marketKey);
  return (
    <button
      type="button"
      className="button quiet icon-only small"
      aria-pressed={lit}
      aria-label={m.star(symbol)}
      title={m.star(symbol)}
      data-testid="star"
      onClick={() => stars.toggle(marketKey)}
    >
      <StarMark lit={lit} />
    </button>
  );
}
