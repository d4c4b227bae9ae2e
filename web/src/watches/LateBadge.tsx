import { useMessages } from "../i18n/language";

/** Marks a fire that a candle showed, after no price had. */
export function LateBadge() {
  const m = useMessages().watches;
  return (
    <span className="badge badge-warn" title={m.lateHint} data-testid="late">
      {m.late}
    </span>
  );
}
