import { Link } from "../router/components";
import { resultChartUrl } from "../format/market";
import { toBoardRow } from "../board/rows";
import { decimalsOf } from "../format/price";
import { useMessages } from "../i18n/language";
import { usePrice } from "../stream/StreamProvider";
import { Ago } from "../ui/Ago";
import { ArrowIcon } from "../ui/icons";
import { MarketLabel } from "../ui/MarketLabel";
import { Price } from "../ui/Price";
import { findNearest } from "./nearest";
import { NearestLevel } from "./NearestLevel";
import { RangeBar } from "./RangeBar";
import type { ListedRow } from "./useResults";

/** The newest analysis of one market. Last price and distances follow the live ticks. */
export function ResultRow({ row, now }: { row: ListedRow; now: number }) {
  const m = useMessages();
  const last = usePrice(row)?.price ?? row.last_price;
  const decimals = decimalsOf(row.last_price);
  const { support, resistance } = findNearest(toBoardRow(row), last);
  const near = { last, decimals, now };
  return (
    <tr data-testid="result" data-id={row.id} data-symbol={row.symbol} data-timeframe={row.timeframe}>
      <th scope="row" className="cell-market">
        <Link to={resultChartUrl(row)} className="symbol">
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
      <td className="cell-support" data-label={m.common.support}>
        <NearestLevel side="support" level={support} {...near} />
      </td>
      <td className="cell-range">
        <RangeBar last={last} support={support?.price} resistance={resistance?.price} />
      </td>
      <td className="cell-resistance" data-label={m.common.resistance}>
        <NearestLevel side="resistance" level={resistance} {...near} />
      </td>
      <td className="cell-analysed quiet" data-label={m.analysis.analysed}>
        <Ago time={row.analyzed_at ?? row.updated_at} now={now} />
      </td>
      <td className="cell-action">
        <Link to={resultChartUrl(row)} className="button small" aria-label={`${m.common.details}: ${row.symbol} ${row.timeframe}`}>
          {m.common.details}
          <ArrowIcon />
        </Link>
      </td>
    </tr>
  );
}
