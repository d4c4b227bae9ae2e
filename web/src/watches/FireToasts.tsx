import { Toast } from "@base-ui/react/toast";
import { useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import { get } from "../api/client";
import { decimalsOf, formatPrice } from "../format/price";
import { useMessages } from "../i18n/language";
import type { WatchFired } from "../stream/events";
import { useStream } from "../stream/StreamProvider";
import { useAfterwards } from "../stream/useAfterwards";
import { isCondition, type Watch } from "./draft";
import { chartOfMarket, missed } from "./fired";

/** So many missed fires are told after an interruption; the list of watches has the others. */
const MOST_MISSED = 20;

/** Says on any page that a watch has fired. */
export function FireToasts() {
  const m = useMessages();
  const toasts = Toast.useToastManager();
  const navigate = useNavigate();
  useAfterwards("watch", "watches");
  // By the server's clock as soon as it was heard.
  const lastFire = useRef(0);
  useEffect(() => {
    lastFire.current = Date.now();
  }, []);

  const tell = (fire: Omit<WatchFired, "type">) => {
    lastFire.current = Math.max(lastFire.current, Date.parse(fire.at));
    const decimals = decimalsOf(fire.target);
    const condition = isCondition(fire.condition) ? m.watches.conditions[fire.condition] : fire.condition;
    toasts.add({
      // Told again after an interruption, it is the same toast.
      id: fire.fire_id,
      title: m.watches.firedTitle(fire.symbol, m.common[fire.side]),
      description: m.watches.firedText(condition, formatPrice(fire.target, decimals), formatPrice(fire.price, decimals)),
      type: fire.side,
      timeout: 20_000,
      priority: "high",
      actionProps: { children: m.watches.toChart, onClick: () => void navigate(chartOfMarket(fire)) },
    });
  };

  useStream("watch", (event) => {
    if (event.type === "fired") tell(event);
    else toasts.add({ title: m.watches.expiredTitle, description: m.watches.expiredText });
  });
  useStream("reset", () => {
    const since = lastFire.current;
    // What the stream could not tell, the table can. That it cannot be read just now is told by the page itself.
    get("/api/v1/watches", { query: { pageSize: 100 } }).then(
      ({ data }) => missed(data, since).slice(0, MOST_MISSED).forEach((watch) => tell(fireOf(watch))),
      () => undefined,
    );
  });
  return null;
}

function fireOf(watch: Watch): Omit<WatchFired, "type"> {
  return {
    ...watch,
    fire_id: `${watch.id}:${watch.fires}`,
    watch_id: watch.id,
    price: watch.last_fired_price ?? watch.target,
    at: watch.last_fired_at ?? watch.updated_at,
  };
}
