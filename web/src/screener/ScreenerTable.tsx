import { marketChartUrl } from "../format/market";
import { decimalsOf, formatPercent, formatPrice, formatProbability } from "../format/price";
import { useMessages } from "../i18n/language";
import { Link } from "../router/components";
import { MarketLabel } from "../ui/MarketLabel";
import { ProximityChart } from "./ProximityChart";
import type { Question } from "./question";
import type { NearLevel } from "./sortLevels";

interface Props {
  levels: readonly NearLevel[];
  sort: Question["sort"];
  onSort: (sort: Question["sort"]) => void;
}

export function ScreenerTable({ levels, sort, onSort }: Props) {
  const m = useMessages();
  const header = (column: Question["sort"]) => ({ column, sort, onSort });
  return (
    <table className="screener">
      <caption className="visually-hidden">{m.screener.title}</caption>
      <thead>
        <tr>
          <th scope="col">{m.common.market}</th>
          <th scope="col">{m.screener.level}</th>
          <SortHeader {...header("distance")} />
          <th scope="col" className="screener-picture">
            <span className="visually-hidden">{m.screener.position}</span>
          </th>
          <SortHeader {...header("reach")} />
          <SortHeader {...header("touches")} />
          <SortHeader {...header("score")} />
        </tr>
      </thead>
      <tbody>
        {levels.map((level) => (
          <LevelRow key={`${level.market.exchange}:${level.market.market_type}:${level.market.symbol}:${level.market.timeframe}:${level.level_id}`} level={level} />
        ))}
      </tbody>
    </table>
  );
}

interface SortHeaderProps {
  column: Question["sort"];
  sort: Question["sort"];
  onSort: (sort: Question["sort"]) => void;
}

function SortHeader({ column, sort, onSort }: SortHeaderProps) {
  const m = useMessages().screener;
  const direction = column === "distance" ? "ascending" : "descending";
  return (
    <th scope="col" aria-sort={column === sort ? direction : "none"} className="number">
      <button type="button" className="screener-sort" onClick={() => onSort(column)}>
        {m.sorts[column]}
        {column === sort && <span aria-hidden="true">{column === "distance" ? " ↑" : " ↓"}</span>}
      </button>
    </th>
  );
}

function LevelRow({ level }: { level: NearLevel }) {
  const m = useMessages();
  const { market, side } = level;
  const decimals = decimalsOf(level.last_price);
  return (
    <tr data-testid="near" data-symbol={market.symbol} data-side={side} data-id={level.level_id}>
      <th scope="row">
        <Link to={marketChartUrl(market, market.timeframe)} className="symbol">
          {market.symbol}
        </Link>{" "}
        <span className="badge">{market.timeframe}</span> <MarketLabel exchange={market.exchange} market_type={market.market_type} />
      </th>
      <td>
        <span className={side}>
          {m.common[side]} <span className="number">{formatPrice(level.price, decimals)}</span>
        </span>
      </td>
      <td className="number">
        {formatPercent(level.distance_pct, { signed: false })}
        {level.distance_atr != null && <span className="quiet"> {m.screener.atr(level.distance_atr.toFixed(1))}</span>}
      </td>
      <td className="screener-picture">
        <ProximityChart level={level} />
      </td>
      <td className="number" data-label={m.screener.sorts.reach}>
        {level.p_reach_100 == null ? "–" : formatProbability(level.p_reach_100)}
      </td>
      <td className="number" data-label={m.screener.sorts.touches}>
        {level.touches}
      </td>
      <td className="number" data-label={m.screener.sorts.score}>
        {level.score.toFixed(1)}
      </td>
    </tr>
  );
}
