import { useMessages } from "../i18n/language";
import type { NearLevel } from "./sortLevels";

const WIDTH = 120;
const HEIGHT = 20;
const MIDDLE = WIDTH / 2;

/** The zone of a level, in the middle, and the price beside it, as far away as it is: 2 ATR, or 3 %, to the edge. */
export function ProximityChart({ level }: { level: NearLevel }) {
  const m = useMessages().screener;
  const edge = level.distance_atr ? (level.distance_pct / level.distance_atr) * 2 : 3;
  const toX = (price: number) => MIDDLE + clamp(((price / level.price - 1) * 100) / edge) * (MIDDLE - 5);
  const [low, high, last] = [toX(level.low), toX(level.high), toX(level.last_price)];
  const label = m.picture(level.side);
  return (
    <svg className="proximity" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      <title>{label}</title>
      <path d={`M4 10H${WIDTH - 4}`} className="proximity-track" />
      <rect x={low} y="4" width={Math.max(2, high - low)} height="12" className={`proximity-zone ${level.side}`} />
      <path d={`M${MIDDLE} 2V18`} className={`proximity-level ${level.side}`} />
      <circle cx={last} cy="10" r="3.5" className="proximity-last" />
    </svg>
  );
}

function clamp(share: number): number {
  return Math.min(1, Math.max(-1, share));
}
