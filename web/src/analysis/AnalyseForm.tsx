import type { UseMutationResult } from "@tanstack/react-query";
import { useState } from "react";
import { MARKET_TYPES, TIMEFRAMES } from "../format/market";
import { useMessages } from "../i18n/language";
import { useExchanges } from "../shell/exchanges";
import { Choices } from "../ui/Choices";
import { Select } from "../ui/Select";
import { Trouble } from "../ui/Trouble";
import { MarketField } from "./MarketField";
import type { Wanted } from "./useAsked";

/** Ask for the analysis of a market. */
export function AnalyseForm({ ask }: { ask: UseMutationResult<void, Error, Wanted> }) {
  const m = useMessages();
  const exchanges = useExchanges();
  const [chosen, setChosen] = useState("");
  const [marketType, setMarketType] = useState<Wanted["market_type"]>("spot");
  const [symbol, setSymbol] = useState("");
  const [timeframe, setTimeframe] = useState("1h");
  const [tried, setTried] = useState(false);
  const exchange = chosen || (exchanges?.default ?? "");
  const wanted = { exchange, market_type: marketType, symbol: symbol.trim(), timeframe };
  const send = () => {
    setTried(true);
    if (wanted.symbol && !ask.isPending) ask.mutate(wanted, { onSuccess: () => setTried(false) });
  };
  return (
    <form
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <MarketField
        exchange={exchange}
        market_type={marketType}
        value={symbol}
        wrong={tried && wanted.symbol === ""}
        onType={setSymbol}
      />
      <Choices
        label={m.common.marketType}
        value={marketType}
        choices={MARKET_TYPES.map((value) => ({ value, label: m.common[value] }))}
        onChoose={setMarketType}
      />
      <div className="form-pair">
        <Select
          label={m.common.exchange}
          value={exchange}
          options={(exchanges?.data ?? []).map((name) => [name, name] as const)}
          onChoose={setChosen}
        />
        <Select
          label={m.common.timeframe}
          value={timeframe}
          options={TIMEFRAMES.map((one) => [one as string, one] as const)}
          onChoose={setTimeframe}
        />
      </div>
      <Trouble error={ask.error} retry={send} />
      <button type="submit" className="button primary" disabled={ask.isPending} data-testid="analyse">
        {ask.isPending ? m.analysis.submitting : m.analysis.submit}
      </button>
    </form>
  );
}
