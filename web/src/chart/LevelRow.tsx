import { useId, useState } from "react";
import { formatPercent, formatProbability, formatScore } from "../format/price";
import { useMessages } from "../i18n/language";
import { Evidence } from "./Evidence";
import { MarkersIcon, MoreIcon } from "./icons";
import { distance } from "../format/distance";
import type { DisplayLevel } from "./displayLevels";
import type { DrawnLevel } from "./hitTest";

/** The highest score with the default weights; see docs/levels.md. */
const MAX_SCORE = 6.5;

export interface RowActions {
  onWatch: (level: DisplayLevel) => void;
  onHighlight: (id: string | null) => void;
  onTouches: (id: string | null) => void;
}

interface Props extends RowActions {
  level: DisplayLevel;
  last: number;
  /** Its line on the chart. */
  drawn: DrawnLevel | undefined;
  highlighted: boolean;
  /** How many of its touches are marked on the chart; null while marking is off. */
  marked: number | null;
  format: (price: number) => string;
}

export function LevelRow({ level, last, drawn, highlighted, marked, format, onWatch, onHighlight, onTouches }: Props) {
  const m = useMessages();
  const [open, setOpen] = useState(false);
  const panel = useId();
  const { id, side, broken, evidence, timeframe, meets } = level;
  const price = format(level.price);
  const hover = { onPointerEnter: () => onHighlight(id), onPointerLeave: () => onHighlight(null) };
  return (
    <li
      className="level"
      data-testid="level"
      data-id={id}
      data-side={side}
      data-timeframe={timeframe}
      data-broken={broken || undefined}
      data-price={level.price}
      data-y={drawn && Math.round(drawn.y * 100) / 100}
      data-x={drawn && Math.round(drawn.left)}
      data-highlighted={highlighted || undefined}
      {...hover}
    >
      <div className="level-row">
        <button
          type="button"
          className="level-main"
          title={m.chart.watchLevel(m.common[side].toLowerCase(), price)}
          onClick={() => onWatch(level)}
          onFocus={() => onHighlight(id)}
          onBlur={() => onHighlight(null)}
        >
          <span className="visually-hidden">{m.common[side]}</span>
          <span className={`level-price number ${side}`}>{price}</span>
          <span className="level-distance number quiet">{formatPercent(distance(level.price, last))}</span>
          {evidence && <Strength score={evidence.score} />}
          <span className="level-facts quiet">
            {timeframe && <span className="badge">{timeframe}</span>}
            <span>{evidence ? m.chart.facts(evidence.touches, evidence.bounces, evidence.breaks) : m.chart.noFacts}</span>
            {evidence?.p_reach_24 != null && (
              <span title={m.chart.reachHint} data-testid="reach">
                {m.chart.reach(formatProbability(evidence.p_reach_24), 24)}
              </span>
            )}
            {evidence && evidence.breaks > evidence.bounces && <span className="badge">{m.chart.brokeMore}</span>}
            {meets && meets.length > 0 && (
              <span title={m.chart.others.note} data-testid="confluence">
                {m.chart.others.mark} {m.chart.others.meets(meets.join(", "))}
              </span>
            )}
            {broken && <span className="badge badge-warn">{m.common.broken}</span>}
            {!broken && evidence && evidence.origin_side !== side && (
              <span className="badge">{side === "support" ? m.chart.wasResistance : m.chart.wasSupport}</span>
            )}
          </span>
        </button>
        {evidence && (
          <span className="level-tools">
            <button
              type="button"
              className="button quiet icon-only small"
              aria-pressed={marked !== null}
              aria-label={m.chart.touchesOf(price)}
              title={m.chart.touchesOf(price)}
              onClick={() => onTouches(marked === null ? id : null)}
              data-testid="touches"
            >
              <MarkersIcon />
            </button>
            <button
              type="button"
              className="button quiet icon-only small"
              aria-expanded={open}
              aria-controls={panel}
              aria-label={m.chart.evidenceOf(price)}
              title={m.chart.evidence}
              onClick={() => setOpen(!open)}
              data-testid="evidence"
            >
              <MoreIcon />
            </button>
          </span>
        )}
      </div>
      {evidence && marked !== null && (
        <p className="level-marked quiet" role="status">
          {m.chart.markers(marked, evidence.touches)}
        </p>
      )}
      <div id={panel} hidden={!open}>
        {open && evidence && <Evidence level={evidence} format={format} />}
      </div>
    </li>
  );
}

function Strength({ score }: { score: number }) {
  const m = useMessages().common;
  return (
    <span className="strength number" title={m.strength}>
      <span className="strength-bar" aria-hidden="true">
        <i style={{ width: `${Math.min(100, (score / MAX_SCORE) * 100)}%` }} />
      </span>
      <span className="visually-hidden">{m.strength}</span> {formatScore(score)}
    </span>
  );
}
