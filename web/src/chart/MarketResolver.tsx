import { useQuery } from "@tanstack/react-query";
import { Link, Redirect } from "../router/components";
import { usePathname, useSearchParams } from "../router/hooks";
import { get } from "../api/client";
import { useMessages } from "../i18n/language";
import { useExchanges } from "../shell/exchanges";
import { Empty, Failure, Loading } from "../ui/states";
import { updateSearch, type Address } from "./address";
import { isEmbedded } from "../embed/address";
import { chooseMarket } from "./selectRow";

const MAX_ROWS = 100;

/** Completes an address that names no market: chooses one once, and writes it into the address. */
export function MarketResolver({ address }: { address: Address }) {
  const m = useMessages().chart;
  const [search] = useSearchParams();
  const pathname = usePathname();
  const exchanges = useExchanges();
  const { symbol, exchange, marketType } = address;
  const rows = useQuery({
    queryKey: ["chart-market", symbol, exchange, marketType],
    queryFn: ({ signal }) => {
      const query = { symbol, exchange: exchange ?? null, market_type: marketType ?? null, pageSize: MAX_ROWS };
      return get("/api/v1/analysis/results", { query, signal });
    },
    gcTime: 0,
  });
  if (rows.error) return <Failure error={rows.error} retry={() => void rows.refetch()} />;
  if (!rows.data || !exchanges) return <Loading />;
  const [newest] = rows.data.data;
  if (symbol === null && !newest) {
    return (
      <Empty title={m.nothing} why={m.nothingHint}>
        {!isEmbedded() && (
          <Link className="button primary" to="/">
            {m.analyse}
          </Link>
        )}
      </Empty>
    );
  }
  const market =
    symbol === null && newest
      ? { symbol: newest.symbol, exchange: newest.exchange, market_type: newest.market_type }
      : chooseMarket(rows.data.data, { symbol: symbol ?? "", exchange, marketType }, exchanges.default);
  const interval = search.get("interval") ?? (symbol === null ? (newest?.timeframe ?? null) : null);
  return <Redirect to={`${pathname}?${updateSearch(search, { ...market, interval }).toString()}`} />;
}
