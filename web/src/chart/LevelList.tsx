import { useMessages } from "../i18n/language";
import { LevelRow, type RowActions } from "./LevelRow";
import type { ShownLevel } from "./shownLevels";

export interface Listed extends RowActions {
  levels: readonly ShownLevel[];
  last: number;
  /** The y coordinate of each line on the chart. */
  places: ReadonlyMap<string, number>;
  pointed: string | null;
  /** The level whose touches are marked, and how many they are. */
  touched: { id: string; marked: number } | null;
  format: (price: number) => string;
}

/** The levels as a ladder: in the order of price, the last price between those above and those below. */
export function LevelList({ levels, last, places, pointed, touched, format, ...actions }: Listed) {
  const m = useMessages().chart;
  const below = levels.findIndex(({ price }) => price < last);
  const above = below < 0 ? levels : levels.slice(0, below);
  const rows = (some: readonly ShownLevel[]) =>
    some.map((level) => (
      <LevelRow
        key={level.id}
        level={level}
        last={last}
        y={places.get(level.id)}
        pointed={pointed === level.id}
        marked={touched?.id === level.id ? touched.marked : null}
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
