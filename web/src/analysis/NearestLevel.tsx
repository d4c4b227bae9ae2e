import { formatPercent } from "../format/price";
import { formatSpan } from "../format/time";
import { useLanguage } from "../i18n/language";
import { Price } from "../ui/Price";
import { Strength } from "../ui/Strength";
import { distance } from "../format/distance";
import type { LiveLevel } from "./nearest";

interface Props {
  side: "support" | "resistance";
  level: LiveLevel | null;
  last: number;
  decimals: number;
  now: number;
}

/** The nearest level on one side: price, distance, strength and age. */
export function NearestLevel({ side, level, last, decimals, now }: Props) {
  const { messages, locale } = useLanguage();
  const m = messages.analysis;
  if (!level) return <span className="quiet">{m.noLevel}</span>;
  const age = level.first_touch_at && formatSpan((now - Date.parse(level.first_touch_at)) / 1000, locale);
  const evidence = [level.touches != null ? m.touches(level.touches) : "", age ? m.age(age) : ""];
  return (
    <div className="nearest" data-side={side} data-broken={level.broken || undefined}>
      <span className={`nearest-price ${side}`}>
        <Price value={level.price} decimals={decimals} />
      </span>
      <span className="number nearest-distance">{formatPercent(distance(level.price, last))}</span>
      {level.score != null && <Strength score={level.score} side={side} />}
      {age && (
        <span className="quiet nearest-age number" title={evidence.filter(Boolean).join(", ")}>
          {age}
        </span>
      )}
      {level.broken && (
        <span className="nearest-broken">{messages.common.broken}</span>
      )}
    </div>
  );
}
