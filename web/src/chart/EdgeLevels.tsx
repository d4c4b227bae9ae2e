import { useMessages } from "../i18n/language";
import type { DisplayLevel } from "./displayLevels";
import type { DrawnLevel } from "./hitTest";

const MAX_SHOWN = 3;

interface Props {
  levels: readonly DisplayLevel[];
  drawn: readonly DrawnLevel[];
  format: (price: number) => string;
  onWatch: (level: DisplayLevel) => void;
  onHighlight: (id: string | null) => void;
  /** Fit the scale to all levels. */
  onFit: () => void;
}

/** The levels beyond the price scale, as labels with an arrow at its edges: the nearest ones, and how many more. */
export function EdgeLevels({ levels, drawn, ...rest }: Props) {
  const edges = new Map(drawn.map(({ id, edge }) => [id, edge]));
  const above = levels.filter(({ id }) => edges.get(id) === "above").toReversed(); // nearest first
  const below = levels.filter(({ id }) => edges.get(id) === "below");
  return (
    <>
      <Edge edge="above" levels={above} {...rest} />
      <Edge edge="below" levels={below} {...rest} />
    </>
  );
}

interface EdgeProps extends Omit<Props, "drawn"> {
  edge: "above" | "below";
}

function Edge({ edge, levels, format, onWatch, onHighlight, onFit }: EdgeProps) {
  const m = useMessages();
  if (levels.length === 0) return null;
  const more = levels.length - MAX_SHOWN;
  const arrow = edge === "above" ? "↑" : "↓";
  return (
    <div className="edge-levels" data-edge={edge} role="group" aria-label={edge === "above" ? m.chart.levelsAbove : m.chart.levelsBelow}>
      {levels.slice(0, MAX_SHOWN).map((level) => (
        <button
          key={level.id}
          type="button"
          className="edge-level number"
          data-side={level.side}
          data-testid="edge-level"
          title={m.chart.watchLevel(m.common[level.side].toLowerCase(), format(level.price))}
          onClick={() => onWatch(level)}
          onPointerEnter={() => onHighlight(level.id)}
          onPointerLeave={() => onHighlight(null)}
        >
          {arrow} {format(level.price)}
        </button>
      ))}
      {more > 0 && (
        <button type="button" className="edge-level number" title={m.chart.view.fitHint} onClick={onFit}>
          {arrow} +{more}
        </button>
      )}
    </div>
  );
}
