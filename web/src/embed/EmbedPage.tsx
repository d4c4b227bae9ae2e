import { readAddress, toMarket } from "../chart/address";
import "../chart/chart.css";
import { MarketResolver } from "../chart/MarketResolver";
import { useRow } from "../chart/useRow";
import { priceKey } from "../format/market";
import { useSearchParams } from "../router/hooks";
import { Failure, Loading } from "../ui/states";
import "./embed.css";
import { EmbedChart } from "./EmbedChart";

/** `/embed/chart`: the chart of one market, to look at, with the parameters of `/chart`. */
export default function EmbedPage() {
  const [search] = useSearchParams();
  const address = readAddress(search);
  const market = toMarket(address);
  const { row, pending, error, retry } = useRow(address.id, market, address.interval);
  if (address.id === null && market === null) return <MarketResolver address={address} />;
  if (error && !row) return <Failure error={error} retry={retry} />;
  const shown = row ?? market;
  if (pending || !shown) return <Loading />;
  return <EmbedChart key={priceKey(shown)} market={shown} row={row} interval={address.interval} />;
}
