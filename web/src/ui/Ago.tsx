import { formatAgo, formatMoment } from "../format/time";
import { useLanguage } from "../i18n/language";

/** "3 min ago", with date and time in the tooltip. `now` is in ms; the rows of a table share one. */
export function Ago({ time, now }: { time: string; now: number }) {
  const { locale } = useLanguage();
  return (
    <time dateTime={time} title={formatMoment(time, locale)}>
      {formatAgo(Math.min(Date.parse(time), now), now, locale)}
    </time>
  );
}
