import { formatScore } from "../format/price";
import { useMessages } from "../i18n/language";

/** The highest score with the default weights; see docs/levels.md. */
const MAX_SCORE = 6.5;

/** A score as a number and a bar. */
export function Strength({ score, side }: { score: number; side: string }) {
  const m = useMessages().common;
  const share = Math.min(1, Math.max(0, score / MAX_SCORE));
  return (
    <span className={`strength ${side}`} title={`${m.strength}: ${formatScore(score)}`}>
      <svg viewBox="0 0 40 4" width="40" height="4" aria-hidden="true">
        <rect width="40" height="4" rx="2" className="strength-track" />
        <rect width={40 * share} height="4" rx="2" fill="currentcolor" />
      </svg>
      <span className="visually-hidden">{m.strength}</span>
      <span className="number">{formatScore(score)}</span>
    </span>
  );
}
