const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** Format the time from `time` to `now` (ms): "3 min ago". `locale` is a BCP 47 tag. */
export function formatAgo(time: number, now: number, locale: string): string {
  const seconds = Math.round((time - now) / 1000);
  const [unit, size] = unitOf(Math.abs(seconds));
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" }).format(
    Math.trunc(seconds / size) || 0,
    unit,
  );
}

/** Format a duration in seconds in its largest unit: "12 days". `locale` is a BCP 47 tag. */
export function formatSpan(seconds: number, locale: string): string {
  const [unit, size] = unitOf(seconds);
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 0 }).format(
    Math.floor(seconds / size),
  );
}

/** Format date and time in the browser's time zone. */
export function formatMoment(time: string | number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(time));
}

function unitOf(seconds: number): [Intl.RelativeTimeFormatUnit, number] {
  return UNITS.find(([, size]) => seconds >= size) ?? ["second", 1];
}
