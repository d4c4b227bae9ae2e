import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { MarketField } from "../analysis/MarketField";
import { get } from "../api/client";
import { MARKET_TYPES } from "../format/market";
import { useMessages } from "../i18n/language";
import { useExchanges } from "../shell/exchanges";
import { Choices } from "../ui/Choices";
import { Modal } from "../ui/Modal";
import { Select } from "../ui/Select";
import { Failure, Loading } from "../ui/states";
import type { WatchSubject } from "./draft";
import { NewWatch } from "./WatchDialog";

type ChosenMarket = Pick<WatchSubject, "exchange" | "market_type" | "symbol">;

/** Creates a watch on a market that is chosen here first. */
export function NewWatchDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [market, setMarket] = useState<ChosenMarket | null>(null);
  const m = useMessages().watches;
  const close = () => {
    setMarket(null);
    onClose();
  };
  return (
    <Modal open={open} onClose={close} title={market ? m.newAt(market.symbol) : m.newTitle}>
      {market ? <AtLastPrice market={market} onClose={close} /> : <MarketChoice onChoose={setMarket} onCancel={close} />}
    </Modal>
  );
}

function MarketChoice({ onChoose, onCancel }: { onChoose: (market: ChosenMarket) => void; onCancel: () => void }) {
  const m = useMessages();
  const exchanges = useExchanges();
  const [selected, setExchange] = useState("");
  const [market_type, setMarketType] = useState<ChosenMarket["market_type"]>("spot");
  const [symbol, setSymbol] = useState("");
  const [showErrors, setShowErrors] = useState(false);
  const exchange = selected || (exchanges?.default ?? "");
  return (
    <form
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setShowErrors(true);
        if (symbol.trim()) onChoose({ exchange, market_type, symbol: symbol.trim().toUpperCase() });
      }}
    >
      <p className="quiet">{m.watches.chooseMarket}</p>
      <MarketField {...{ exchange, market_type }} value={symbol} invalid={showErrors && symbol.trim() === ""} onType={setSymbol} />
      <div className="form-pair">
        <Choices
          label={m.common.marketType}
          value={market_type}
          choices={MARKET_TYPES.map((value) => ({ value, label: m.common[value] }))}
          onChoose={setMarketType}
        />
        <Select
          label={m.common.exchange}
          value={exchange}
          options={(exchanges?.data ?? []).map((name) => [name, name] as const)}
          onChoose={setExchange}
        />
      </div>
      <div className="dialog-foot">
        <button type="button" className="button" onClick={onCancel}>
          {m.shell.cancel}
        </button>
        <button type="submit" className="button primary" data-testid="choose-market">
          {m.watches.next}
        </button>
      </div>
    </form>
  );
}

/** The form, once the last price is known: the new watch begins there. */
function AtLastPrice({ market, onClose }: { market: ChosenMarket; onClose: () => void }) {
  const candles = useQuery({
    queryKey: ["last-price", market],
    queryFn: ({ signal }) => get("/api/v1/klines", { query: { ...market, interval: "1m", limit: 1 }, signal }),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  if (candles.error) return <Failure error={candles.error} retry={() => void candles.refetch()} />;
  if (!candles.data) return <Loading />;
  const price = candles.data.data.at(-1)?.close;
  return <NewWatch subject={{ ...market, ...(price === undefined ? {} : { price, lastPrice: price }) }} onClose={onClose} />;
}
