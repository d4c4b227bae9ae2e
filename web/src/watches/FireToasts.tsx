import { useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useRef } from "react";
import { navigate } from "../router/location";
import { decimalsOf, formatPrice } from "../format/price";
import { formatMoment } from "../format/time";
import { useLanguage } from "../i18n/language";
import type { WatchFired } from "../stream/events";
import { useStream } from "../stream/StreamProvider";
import { useDebouncedRefetch } from "../stream/useDebouncedRefetch";
import { alertUser } from "../alerts/alertUser";
import { useToasts } from "../ui/toasts";
import { isMuted } from "./delivery";
import { isCondition } from "./draft";
import { ACTIVE_WATCHES } from "./useWatches";
import { get } from "../api/client";
import { marketChartUrl } from "../format/market";
import { addSeen, loadFireLog, readFiresAfter, saveFireLog, selectUnseen } from "./missedFires";

/** How many missed fires are shown each on its own; the list of watches has the others. */
const MAX_MISSED = 20;
/** Also finds what is recorded long after its event, and what was published while the stream was broken. */
const REFETCH_MS = 60_000;

type Fire = Omit<WatchFired, "type" | "delivery"> & { delivery?: WatchFired["delivery"] };

/** Shows a notification on any page when a watch fires, and for the fires since this browser last looked. */
export function FireToasts() {
  const { messages: m, locale } = useLanguage();
  const toasts = useToasts();
  const log = useRef(loadFireLog());
  useDebouncedRefetch("watch", "watches");
  useDebouncedRefetch("watch", "fires");
  useDebouncedRefetch("reset", "fires");
  const { data: missed } = useQuery({
    queryKey: ["fires"],
    queryFn: ({ signal }) => readFiresAfter(log.current.cursor, signal),
    staleTime: 0,
    refetchInterval: REFETCH_MS,
  });

  useQuery({
    queryKey: ACTIVE_WATCHES,
    queryFn: async ({ signal }) => (await get("/api/v1/watches", { query: { state: "active", pageSize: 1 }, signal })).total,
    staleTime: 60_000,
  });
  const showFire = (fire: Fire, isLive: boolean) => {
    const decimals = decimalsOf(fire.target);
    const outcome = isCondition(fire.condition) ? m.watches.outcomes[fire.condition] : fire.condition === "near" ? m.watches.near : fire.condition;
    const title = m.watches.firedTitle(fire.symbol, m.common[fire.side]);
    const target = formatPrice(fire.target, decimals);
    const description = fire.late
      ? m.watches.lateText(outcome, target, formatMoment(fire.at, locale))
      : m.watches.firedText(outcome, target, formatPrice(fire.price, decimals));
    const onClick = () => navigate(marketChartUrl(fire));
    toasts.add({
      id: fire.fire_id,
      title,
      description,
      type: fire.side,
      timeout: 20_000,
      action: { label: m.watches.toChart, onClick },
    });
    if (isLive && !isMuted(fire.delivery, Date.parse(fire.at))) alertUser({ id: fire.fire_id, title, body: description, onClick });
  };

  const showMissed = useEffectEvent(({ fires, cursor }: NonNullable<typeof missed>) => {
    const unseen = selectUnseen(fires, log.current);
    const others = unseen.length - MAX_MISSED;
    if (others > 0) toasts.add({ title: m.watches.moreFired(others), timeout: 20_000 });
    for (const fire of unseen.slice(-MAX_MISSED)) showFire(fire, false);
    log.current = addSeen({ ...log.current, cursor }, fires.map(({ fire_id }) => fire_id));
    saveFireLog(log.current);
  });
  useEffect(() => {
    if (missed) showMissed(missed);
  }, [missed]);

  useStream("watch", (event) => {
    if (event.type === "expired") {
      toasts.add({ title: m.watches.expiredTitle, description: m.watches.expiredText });
      return;
    }
    if (event.type !== "fired") return;
    const unseen = selectUnseen([event], log.current);
    for (const fire of unseen) showFire(fire, true);
    log.current = addSeen(log.current, unseen.map(({ fire_id }) => fire_id));
  });
  return null;
}
