/** `25 Nov 2026, 09:33 UTC`: in the zone of the candles, so that it can be found on the time axis. */
export function momentText(time: string | number, locale: string): string {
  const written = new Date(time).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
  return `${written} UTC`;
}
