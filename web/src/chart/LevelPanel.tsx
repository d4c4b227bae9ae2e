import type { MarketName } from "../format/market";
import { useLanguage } from "../i18n/language";
import { Empty, Failure } from "../ui/states";
import { Analyse } from "./Analyse";
import { LevelList, type Listed } from "./LevelList";
import { momentText } from "./momentText";
import type { Row } from "./withResult";

interface Panel extends Listed {
  market: MarketName;
  row: Row | null;
  interval: string;
  /** When the levels shown were published, if that is past. */
  past: string | null;
  /** Why they could not be read. */
  error: unknown;
}

/** The levels beside the chart, and what to do where there are none. */
export function LevelPanel({ market, row, interval, past, error, ...listed }: Panel) {
  const { messages, locale } = useLanguage();
  const m = messages.chart;
  if (!row) {
    return (
      <section className="panel level-panel">
        <Empty title={m.noLevels} why={m.noLevelsWhy}>
          <Analyse market={market} timeframe={interval} primary />
        </Empty>
      </section>
    );
  }
  return (
    <section className="panel level-panel" aria-labelledby="levels-head">
      <div className="panel-head">
        <h2 id="levels-head">{m.levelsOf(row.timeframe)}</h2>
        <Analyse market={market} timeframe={row.timeframe === interval ? row.timeframe : interval} />
      </div>
      {past && (
        <p className="level-past" role="status">
          {m.past(momentText(past, locale))}
        </p>
      )}
      {error ? (
        <Failure error={error} />
      ) : listed.levels.length === 0 ? (
        <Empty title={m.noneFound} why={m.noneFoundWhy} />
      ) : (
        <>
          <p className="level-hint quiet">{m.levelsWhy}</p>
          <LevelList {...listed} />
        </>
      )}
    </section>
  );
}
