import { formatStamp, nameZone } from "../format/zonedTime";
import { useMessages } from "../i18n/language";
import { useZone } from "../ui/timeZone";
import type { Candle } from "./candles";
import { formatVolume } from "./decimals";

/** Open, high, low, close of the candle under the pointer, else of the last one. */
export function Legend({ candle, format }: { candle: Candle | undefined; format: (price: number) => string }) {
  const m = useMessages().chart;
  const zone = useZone();
  if (!candle) return null;
  const change = (candle.close / candle.open - 1) * 100;
  const rose = candle.close >= candle.open;
  return (
    <div className="legend number" aria-hidden="true">
      <time>{formatStamp(candle.time, zone)} {nameZone(candle.time, zone)}</time>
      {(["open", "high", "low", "close"] as const).map((part) => (
        <span key={part}>
          <i>{m[part]}</i> {format(candle[part])}
        </span>
      ))}
      <span className={rose ? "support" : "resistance"}>
        {rose ? "+" : "−"}
        {Math.abs(change).toFixed(2)} %
      </span>
      <span>
        <i>{m.volume}</i> {formatVolume(candle.volume)}
      </span>
    </div>
  );
}
