/** How notifications about a watch are delivered, as the dialog shows it, and as the API stores it. Pure. */
import type { components } from "../api/schema";

export type Delivery = components["schemas"]["WatchDelivery"];
type DeliveryBody = components["schemas"]["WatchDeliveryBody"];

export const PLACEHOLDERS = ["symbol", "exchange", "market_type", "side", "condition", "target", "price", "note", "timeframe", "time"] as const;

export interface DeliveryDraft {
  /** Names of targets; null for all. */
  targets: readonly string[] | null;
  template: string;
  muted: boolean;
  start: string;
  end: string;
  zone: string;
}

/** Show a stored delivery; null is that of a watch like every other. */
export function toDeliveryDraft(delivery: Delivery | null, zone = localZone()): DeliveryDraft {
  const mute = delivery?.mute;
  return {
    targets: delivery?.targets ?? null,
    template: delivery?.template ?? "",
    muted: mute != null,
    start: mute?.start ?? "22:00",
    end: mute?.end ?? "07:00",
    zone: mute?.zone ?? zone,
  };
}

/** Build what the API stores; null where everything is as for every other watch. */
export function buildDelivery({ targets, template, muted, start, end, zone }: DeliveryDraft): DeliveryBody | null {
  const body: DeliveryBody = {
    ...(targets !== null && targets.length > 0 ? { targets: [...targets] } : {}),
    ...(template.trim() ? { template: template.trim() } : {}),
    ...(muted ? { mute: { start, end, zone } } : {}),
  };
  return Object.keys(body).length > 0 ? body : null;
}

/** Find the first placeholder of a template that does not exist, or `{` for a brace without a partner. */
export function findTemplateError(template: string): string | null {
  const rest = template.replaceAll("{{", "").replaceAll("}}", "");
  for (const [, name = ""] of rest.matchAll(/\{([^{}]*)\}/g)) {
    if (!(PLACEHOLDERS as readonly string[]).includes(name)) return `{${name}}`;
  }
  return /[{}]/.test(rest.replace(/\{[^{}]*\}/g, "")) ? "{" : null;
}

/** Whether a moment is within mute hours; `end` before `start` spans midnight. */
export function isMuted(delivery: Delivery | null | undefined, at: number): boolean {
  const mute = delivery?.mute;
  if (!mute) return false;
  const now = timeOfDay(at, mute.zone);
  return now !== null && (mute.start < mute.end ? mute.start <= now && now < mute.end : now >= mute.start || now < mute.end);
}

function timeOfDay(at: number, timeZone: string): string | null {
  try {
    return new Date(at).toLocaleTimeString("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  } catch {
    return null; // a zone that this browser does not know mutes nothing
  }
}

function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
