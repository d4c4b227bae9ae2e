import { useMessages } from "../i18n/language";
import { LevelRow, type RowActions } from "./LevelRow";
import type { DisplayLevel } from "./displayLevels";
import type { DrawnLevel } from "./hitTest";

export interface LevelListProps extends RowActions {
  levels: readonly DisplayLevel[];
  last: number;
  /** Where the lines are on the chart. */
  drawn: readonly DrawnLevel[];
  highlighted: string | null;
  /** The level whose touches are marked, and the number of markers. */
  touchesOf: { id: string; marked: number } | null;
  format: (price: number) => string;
}

/** The levels by price, highest first, with the last price between those above and those below it. */
export function LevelList({ levels, last, drawn, highlighted, touchesOf, format, ...actions }: LevelListProps) {
  const m = useMessages().chart;
  const below = levels.findIndex(({ price }) => price < last);
  const above = below < 0 ? levels : levels.slice(0, below);
  const lines = new Map(drawn.map((line) => [line.id, line]));
  const rows = (some: readonly DisplayLevel[]) =>
    some.map((level) => (
      <LevelRow
        key={level.id}
        level={level}
        last={last}
        drawn={lines.get(level.id)}
        highlighted={highlighted === level.id}
        marked={touchesOf?.id === level.id ? touchesOf.marked : null}
        format={format}
        {...actions}
      />
    ));
  return (
    <ol className="ladder">
      {rows(above)}
      <li className="ladder-last number">
        <span>{m.lastPrice}</span>
        <b data-testid="last-price">{format(last)}</b>
      </li>
      {rows(levels.slice(above.length))}
    </ol>
  );
}
