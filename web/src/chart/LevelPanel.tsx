import type { MarketName } from "../format/market";
import { useMessages } from "../i18n/language";
import { Empty, Failure } from "../ui/states";
import { AnalyseButton } from "./AnalyseButton";
import { ConfluenceNote } from "./ConfluenceNote";
import { LevelList, type LevelListProps } from "./LevelList";
import { useTimeFormat } from "../ui/useTimeFormat";
import type { Row } from "./applyResult";

interface Props extends LevelListProps {
  market: MarketName;
  row: Row | null;
  interval: string;
  /** Publication time of the displayed levels when they are not the newest. */
  past: string | null;
  /** Why the levels could not be read. */
  error: unknown;
}

/** The levels beside the chart, or a button that requests an analysis when there are none. */
export function LevelPanel({ market, row, interval, past, error, ...list }: Props) {
  const m = useMessages().chart;
  const formatTime = useTimeFormat();
  if (!row) {
    return (
      <section className="panel level-panel">
        <Empty title={m.noLevels} why={m.noLevelsHint}>
          <AnalyseButton market={market} timeframe={interval} primary />
        </Empty>
      </section>
    );
  }
  return (
    <section className="panel level-panel" aria-labelledby="levels-head">
      <div className="panel-head">
        <h2 id="levels-head">{m.levelsOf(row.timeframe)}</h2>
        <AnalyseButton market={market} timeframe={row.timeframe === interval ? row.timeframe : interval} />
      </div>
      {past && (
        <p className="level-past" role="status">
          {m.past(formatTime(past))}
        </p>
      )}
      {error ? (
        <Failure error={error} />
      ) : list.levels.length === 0 ? (
        <Empty title={m.noneFound} why={m.noneFoundHint} />
      ) : (
        <>
          <p className="level-hint quiet">{m.levelsHint}</p>
          {list.levels.some(({ meets }) => meets?.length) && <ConfluenceNote />}
          <LevelList {...list} />
        </>
      )}
    </section>
  );
}
