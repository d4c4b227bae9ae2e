import { formatAgo, formatMoment } from "../format/time";
import { useLanguage } from "../i18n/language";

/** "3 min ago", with the moment itself for who points at it. `now` in ms: a table shares one. */
export function Ago({ time, now }: { time: string; now: number }) {
  const { locale } = useLanguage();
  return (
    <time dateTime={time} title={formatMoment(time, locale)}>
      {formatAgo(Math.min(Date.parse(time), now), now, locale)}
    </time>
  );
}
