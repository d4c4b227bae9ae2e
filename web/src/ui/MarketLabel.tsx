import { useMessages } from "../i18n/language";
import { useExchanges } from "../shell/exchanges";

interface Props {
  exchange: string;
  market_type: string;
}

/** Exchange and market type, such as "simulated · spot"; simulated exchanges are marked. */
export function MarketLabel({ exchange, market_type }: Props) {
  const m = useMessages().common;
  const simulated = useExchanges()?.simulated.includes(exchange) ?? false;
  return (
    <span className="quiet">
      {simulated ? <span className="made-up">{m.simulated}</span> : exchange}
      {" · "}
      {market_type === "future" ? m.future : market_type === "spot" ? m.spot : market_type}
    </span>
  );
}
