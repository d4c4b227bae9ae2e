import type { ReactNode } from "react";
import { formatProbability, formatScore } from "../format/price";
import { useMessages } from "../i18n/language";
import type { Level } from "../stream/events";
import { useTimeFormat } from "../ui/useTimeFormat";

const PARTS = ["touches", "volume", "distance", "direction"] as const;

/** The evidence of a level: the parts of its score, its times, and what any price at its distance is worth. */
export function Evidence({ level, format }: { level: Level; format: (price: number) => string }) {
  const m = useMessages().chart;
  const formatTime = useTimeFormat();
  return (
    <div className="evidence">
      <ScoreParts level={level} />
      <dl>
        <Fact name={m.reachName} why={m.reachHint}>
          <Reach probability={level.p_reach_24} candles={24} />
          <br />
          <Reach probability={level.p_reach_100} candles={100} />
        </Fact>
        <Fact name={m.holdRate} why={m.holdRateHint}>
          <Rate rate={level.p_hold} />
          {level.n != null && <span className="quiet"> n = {level.n.toLocaleString("en-US")}</span>}
        </Fact>
        <Fact name={m.zone}>
          {format(level.low)} – {format(level.high)}
        </Fact>
        <Fact name={m.firstTouch}>{formatTime(level.first_touch_at)}</Fact>
        <Fact name={m.lastTouch}>{formatTime(level.last_touch_at)}</Fact>
        <Fact name={m.confirmed}>{formatTime(level.confirmed_at)}</Fact>
        <Fact name={m.windows}>{m.bars(level.windows.join(", "))}</Fact>
      </dl>
      <p className="quiet">{m.worth}</p>
    </div>
  );
}

function ScoreParts({ level }: { level: Level }) {
  const m = useMessages().chart;
  const total = PARTS.reduce((sum, part) => sum + Math.max(0, level.score_parts[part]), 0);
  return (
    <div className="parts">
      <div className="parts-bar" aria-hidden="true">
        {PARTS.map((part) => (
          <i key={part} data-part={part} style={{ width: `${(Math.max(0, level.score_parts[part]) / (total || 1)) * 100}%` }} />
        ))}
      </div>
      <ul aria-label={`${m.score} ${formatScore(level.score)}`}>
        {PARTS.map((part) => (
          <li key={part} data-part={part}>
            {m.parts[part]} <b>{formatScore(level.score_parts[part])}</b>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Fact({ name, why, children }: { name: string; why?: string; children: ReactNode }) {
  return (
    <div {...(why ? { title: why } : {})}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Reach({ probability, candles }: { probability: number | null | undefined; candles: number }) {
  const m = useMessages().chart;
  if (probability == null) return <span className="quiet">{m.unknown}</span>;
  return <span>{m.reach(formatProbability(probability), candles)}</span>;
}

function Rate({ rate }: { rate: number | null | undefined }) {
  const m = useMessages().chart;
  if (rate == null) return <span className="quiet">{m.unknown}</span>;
  return <b>{(rate * 100).toFixed(1)} %</b>;
}
