import { useMessages } from "../i18n/language";
import { LevelRow, type RowActions } from "./LevelRow";
import type { DisplayLevel } from "./displayLevels";

export interface LevelListProps extends RowActions {
  levels: readonly DisplayLevel[];
  last: number;
  /** The y coordinate of each line on the chart. */
  lineYs: ReadonlyMap<string, number>;
  highlighted: string | null;
  /** The level whose touches are marked, and the number of markers. */
  touchesOf: { id: string; marked: number } | null;
  format: (price: number) => string;
}

/** The levels by price, highest first, with the last price between those above and those below it. */
export function LevelList({ levels, last, lineYs, highlighted, touchesOf, format, ...actions }: LevelListProps) {
  const m = useMessages().chart;
  const below = levels.findIndex(({ price }) => price < last);
  const above = below < 0 ? levels : levels.slice(0, below);
  const rows = (some: readonly DisplayLevel[]) =>
    some.map((level) => (
      <LevelRow
        key={level.id}
        level={level}
        last={last}
        y={lineYs.get(level.id)}
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
