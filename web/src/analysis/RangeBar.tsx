import { useMessages } from "../i18n/language";
import { rangePosition } from "../format/distance";

interface Props {
  last: number;
  support: number | undefined;
  resistance: number | undefined;
}

/** A bar with the position of the price between the two levels around it. */
export function RangeBar({ last, support, resistance }: Props) {
  const m = useMessages().analysis;
  const share = rangePosition(last, support, resistance);
  if (share === null) return null;
  const label = m.rangeOf(Math.round(share * 100));
  const x = 4 + share * 72;
  return (
    <svg className="range" viewBox="0 0 80 12" width="80" height="12" role="img" aria-label={label}>
      <title>{label}</title>
      <path d="M4 6h72" className="range-track" />
      <path d="M4 2v8" className="range-support" />
      <path d="M76 2v8" className="range-resistance" />
      <circle cx={x} cy="6" r="3" className="range-last" />
    </svg>
  );
}
