/** Format as `25 Nov 2026, 09:33 UTC`, in the time zone of the chart's time axis. */
export function formatUtc(time: string | number, locale: string): string {
  const text = new Date(time).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
  return `${text} UTC`;
}
