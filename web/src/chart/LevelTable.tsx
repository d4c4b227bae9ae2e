import { distance } from "../format/distance";
import { formatPercent, formatProbability, formatScore } from "../format/price";
import { useMessages } from "../i18n/language";
import { useTimeFormat } from "../ui/useTimeFormat";
import type { DisplayLevel } from "./displayLevels";

interface Props {
  levels: readonly DisplayLevel[];
  last: number;
  format: (price: number) => string;
  onWatch: (level: DisplayLevel) => void;
}

/** The levels as a table: what the canvas shows, in text. */
export function LevelTable({ levels, last, format, onWatch }: Props) {
  const m = useMessages();
  const formatTime = useTimeFormat();
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the arrow keys scroll it
    <div className="level-table" tabIndex={0} role="region" aria-label={m.chart.levels} data-testid="level-table">
      <table className="grid">
        <caption className="visually-hidden">{m.chart.levels}</caption>
        <thead>
          <tr>
            {[m.common.price, m.watches.side, m.chart.distance, m.common.strength, m.chart.touches, m.chart.held, m.chart.broke, m.chart.reachName, m.chart.zone, m.chart.firstTouch, m.chart.lastTouch].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {levels.map((level) => (
            <tr key={level.id} data-side={level.side}>
              <th scope="row">
                <button type="button" className={`link number ${level.side}`} onClick={() => onWatch(level)}>
                  {format(level.price)}
                </button>
                {level.timeframe && <span className="badge">{level.timeframe}</span>}
              </th>
              <td>
                {m.common[level.side]}
                {level.meets && level.meets.length > 0 && (
                  <span className="badge">
                    {m.chart.others.mark} {level.meets.join(", ")}
                  </span>
                )}
                {level.broken && <span className="badge badge-warn">{m.common.broken}</span>}
              </td>
              <td className="number">{formatPercent(distance(level.price, last))}</td>
              <Facts level={level} format={format} formatTime={formatTime} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface FactsProps {
  level: DisplayLevel;
  format: (price: number) => string;
  formatTime: (time: string) => string;
}

function Facts({ level: { evidence, low, high }, format, formatTime }: FactsProps) {
  const m = useMessages().chart;
  if (!evidence) return <td colSpan={8}>{m.noFacts}</td>;
  return (
    <>
      <td className="number">{formatScore(evidence.score)}</td>
      <td className="number">{evidence.touches}</td>
      <td className="number">{evidence.bounces}</td>
      <td className="number">{evidence.breaks}</td>
      <td className="number">{evidence.p_reach_24 == null ? m.unknown : formatProbability(evidence.p_reach_24)}</td>
      <td className="number">
        {format(low)} – {format(high)}
      </td>
      <td>{formatTime(evidence.first_touch_at)}</td>
      <td>{formatTime(evidence.last_touch_at)}</td>
    </>
  );
}
