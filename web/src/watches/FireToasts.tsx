import { Toast } from "@base-ui/react/toast";
import { useEffect, useRef } from "react";
import { navigate } from "../router/location";
import { get } from "../api/client";
import { decimalsOf, formatPrice } from "../format/price";
import { useMessages } from "../i18n/language";
import type { WatchFired } from "../stream/events";
import { useStream } from "../stream/StreamProvider";
import { useDebouncedRefetch } from "../stream/useDebouncedRefetch";
import { isCondition, type Watch } from "./draft";
import { marketChartUrl } from "../format/market";
import { selectFiredSince } from "./missedFires";

/** How many missed fires are shown after an interruption; the list of watches has the others. */
const MAX_MISSED = 20;

/** Shows a notification on any page when a watch fires. */
export function FireToasts() {
  const m = useMessages();
  const toasts = Toast.useToastManager();
  useDebouncedRefetch("watch", "watches");
  // Time of the last fire by the server's clock; until the first event, that of the browser.
  const lastFire = useRef(0);
  useEffect(() => {
    lastFire.current = Date.now();
  }, []);

  const showFire = (fire: Omit<WatchFired, "type">) => {
    lastFire.current = Math.max(lastFire.current, Date.parse(fire.at));
    const decimals = decimalsOf(fire.target);
    const outcome = isCondition(fire.condition) ? m.watches.outcomes[fire.condition] : fire.condition;
    toasts.add({
      // The same id replaces the toast when the fire is shown again after an interruption.
      id: fire.fire_id,
      title: m.watches.firedTitle(fire.symbol, m.common[fire.side]),
      description: m.watches.firedText(outcome, formatPrice(fire.target, decimals), formatPrice(fire.price, decimals)),
      type: fire.side,
      timeout: 20_000,
      priority: "high",
      actionProps: { children: m.watches.toChart, onClick: () => navigate(marketChartUrl(fire)) },
    });
  };

  useStream("watch", (event) => {
    if (event.type === "fired") showFire(event);
    else toasts.add({ title: m.watches.expiredTitle, description: m.watches.expiredText });
  });
  useStream("reset", () => {
    const since = lastFire.current;
    // Fires that the stream missed are read from the table. When that fails, the page shows the error.
    get("/api/v1/watches", { query: { pageSize: 100 } }).then(
      ({ data }) => selectFiredSince(data, since).slice(0, MAX_MISSED).forEach((watch) => showFire(toFire(watch))),
      () => undefined,
    );
  });
  return null;
}

function toFire(watch: Watch): Omit<WatchFired, "type"> {
  return {
    ...watch,
    fire_id: `${watch.id}:${watch.fires}`,
    watch_id: watch.id,
    price: watch.last_fired_price ?? watch.target,
    at: watch.last_fired_at ?? watch.updated_at,
  };
}
