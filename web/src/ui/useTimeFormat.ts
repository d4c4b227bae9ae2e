import { formatZoned } from "../format/zonedTime";
import { useLanguage } from "../i18n/language";
import { useZone } from "./timeZone";

/** A function that formats a time in the chosen language and zone. */
export function useTimeFormat(): (time: string | number) => string {
  const { locale } = useLanguage();
  const zone = useZone();
  return (time) => formatZoned(time, locale, zone);
}
