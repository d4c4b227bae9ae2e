/** Times in UTC or in the browser's zone. Pure, but for the browser's zone. */
import type { Zone } from "../ui/timeZone";

const MINUTE_MS = 60_000;

/** How far the clock of `zone` is ahead of UTC at `time`, in ms. */
export function zoneOffset(time: number, zone: Zone): number {
  return zone === "utc" ? 0 : -new Date(time).getTimezoneOffset() * MINUTE_MS;
}

/** Name the zone at `time`: `UTC`, `UTC+8`, `UTC−3:30`. */
export function nameZone(time: number, zone: Zone): string {
  const minutes = Math.abs(zoneOffset(time, zone)) / MINUTE_MS;
  if (minutes === 0) return "UTC";
  const rest = minutes % 60;
  const sign = zoneOffset(time, zone) < 0 ? "−" : "+";
  return `UTC${sign}${Math.floor(minutes / 60)}${rest ? `:${String(rest).padStart(2, "0")}` : ""}`;
}

/** Format as `25 Nov 2026, 09:33 UTC`. `locale` is a BCP 47 tag. */
export function formatZoned(time: string | number, locale: string, zone: Zone): string {
  const at = new Date(time);
  const text = at.toLocaleString(locale, { dateStyle: "medium", timeStyle: "short", ...toOption(zone) });
  return `${text} ${nameZone(at.getTime(), zone)}`;
}

/** Format as `2026-11-25 09:33`. */
export function formatStamp(time: number, zone: Zone): string {
  return new Date(time + zoneOffset(time, zone)).toISOString().slice(0, 16).replace("T", " ");
}

/** The zone as an option of Intl: absent for the browser's. */
export function toOption(zone: Zone): { timeZone?: "UTC" } {
  return zone === "utc" ? { timeZone: "UTC" } : {};
}
