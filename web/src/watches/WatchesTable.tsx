import type { CSSProperties } from "react";
import { decimalsOf } from "../format/price";
import { useMessages } from "../i18n/language";
import { useNow } from "../ui/useNow";
import type { WatchHandlers } from "./WatchActions";
import type { Watch } from "./draft";
import { WatchRow } from "./WatchRow";

export function WatchesTable({ watches, handlers }: { watches: Watch[]; handlers: WatchHandlers }) {
  const m = useMessages();
  const now = useNow();
  const fraction = Math.max(...watches.map((watch) => decimalsOf(watch.target)));
  const heads = [
    ["", m.common.market],
    ["", m.watches.what],
    ["cell-target", m.watches.target],
    ["cell-now", m.watches.now],
    ["cell-distance", m.watches.toTarget],
    ["", m.pipeline.state],
    ["", m.watches.lastFired],
  ] as const;
  return (
    <table className="grid watches" style={{ "--fraction": `${fraction + 0.5}ch` } as CSSProperties}>
      <caption className="visually-hidden">{m.watches.title}</caption>
      <thead>
        <tr>
          {heads.map(([name, head]) => (
            <th key={head} scope="col" className={name}>
              {head}
            </th>
          ))}
          <th scope="col">
            <span className="visually-hidden">{m.watches.change}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {watches.map((watch) => (
          <WatchRow key={watch.id} watch={watch} now={now} handlers={handlers} />
        ))}
      </tbody>
    </table>
  );
}
