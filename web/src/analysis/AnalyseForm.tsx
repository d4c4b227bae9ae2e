import type { UseMutationResult } from "@tanstack/react-query";
import { useState } from "react";
import { MARKET_TYPES, TIMEFRAMES } from "../format/market";
import { useMessages } from "../i18n/language";
import { useExchanges } from "../shell/exchanges";
import { Choices } from "../ui/Choices";
import { Select } from "../ui/Select";
import { ErrorNotice } from "../ui/ErrorNotice";
import { MarketField } from "./MarketField";
import type { AnalysisRequest } from "./useAnalysisRequests";

/** A form that requests the analysis of a market. */
export function AnalyseForm({ submit }: { submit: UseMutationResult<void, Error, AnalysisRequest> }) {
  const m = useMessages();
  const exchanges = useExchanges();
  const [selectedExchange, setExchange] = useState("");
  const [marketType, setMarketType] = useState<AnalysisRequest["market_type"]>("spot");
  const [symbol, setSymbol] = useState("");
  const [timeframe, setTimeframe] = useState("1h");
  const [showErrors, setShowErrors] = useState(false);
  const exchange = selectedExchange || (exchanges?.default ?? "");
  const request = { exchange, market_type: marketType, symbol: symbol.trim(), timeframe };
  const send = () => {
    setShowErrors(true);
    if (request.symbol && !submit.isPending) submit.mutate(request, { onSuccess: () => setShowErrors(false) });
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
        invalid={showErrors && request.symbol === ""}
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
          onChoose={setExchange}
        />
        <Select
          label={m.common.timeframe}
          value={timeframe}
          options={TIMEFRAMES.map((one) => [one as string, one] as const)}
          onChoose={setTimeframe}
        />
      </div>
      <ErrorNotice error={submit.error} retry={send} />
      <button type="submit" className="button primary" disabled={submit.isPending} data-testid="analyse">
        {submit.isPending ? m.analysis.submitting : m.analysis.submit}
      </button>
    </form>
  );
}
