import { memo } from "react";
import { Link } from "../router/components";
import type { BoardRow } from "../board/rows";
import { resultChartUrl } from "../format/market";
import { decimalsOf, formatPercent, formatProbability } from "../format/price";
import { useMessages } from "../i18n/language";
import { usePrice } from "../stream/StreamProvider";
import { Ago } from "../ui/Ago";
import { MarketLabel } from "../ui/MarketLabel";
import { Price } from "../ui/Price";
import type { Filters } from "./filters";
import { NearestLevel } from "./NearestLevel";
import { RangeBar } from "./RangeBar";
import { evaluate } from "./screen";

interface Props {
  row: BoardRow;
  side: Filters["side"];
  now: number;
  /** Its place in the table, of which only a part is rendered. */
  index: number;
}

/** The newest analysis of one market. Last price and distances follow the live ticks. */
export const ResultRow = memo(function ResultRow({ row, side, now, index }: Props) {
  const m = useMessages();
  const last = usePrice(row)?.price ?? row.last_price;
  const decimals = decimalsOf(row.last_price);
  const { support, resistance, subject } = evaluate(row, last, side);
  const near = { last, decimals, now };
  return (
    <tr data-testid="result" data-id={row.id} data-symbol={row.symbol} data-timeframe={row.timeframe} aria-rowindex={index}>
      <th scope="row" className="cell-market">
        <Link to={resultChartUrl(row)} className="symbol" aria-label={`${m.common.details}: ${row.symbol} ${row.timeframe}`}>
          {row.symbol}
        </Link>
        <MarketLabel exchange={row.exchange} market_type={row.market_type} />
      </th>
      <td className="cell-timeframe" data-label={m.common.timeframe}>
        <span className="badge">{row.timeframe}</span>
      </td>
      <td className="cell-last" data-label={m.common.lastPrice}>
        <span className="last" key={last}>
          <Price value={last} decimals={decimals} />
        </span>
      </td>
      <td className="cell-nearest number">
        {subject && <span className={subject.side}>{formatPercent(subject.percent)}</span>}
      </td>
      <td className="cell-support" data-label={m.common.support}>
        <NearestLevel side="support" level={support} {...near} />
      </td>
      <td className="cell-range">
        <RangeBar last={last} support={support?.price} resistance={resistance?.price} />
      </td>
      <td className="cell-resistance" data-label={m.common.resistance}>
        <NearestLevel side="resistance" level={resistance} {...near} />
      </td>
      <td className="cell-reach number quiet">
        {subject?.level.p_reach_24 == null ? "" : formatProbability(subject.level.p_reach_24)}
      </td>
      <td className="cell-analysed quiet" data-label={m.analysis.analysed}>
        <Ago time={row.analyzed_at ?? row.updated_at} now={now} />
      </td>
    </tr>
  );
}, isSame);

function isSame(one: Props, other: Props): boolean {
  return one.row === other.row && one.side === other.side && one.now === other.now && one.index === other.index;
}
