/** What stands in the watch dialog, and what is sent of it: all of it pure. */
import type { components } from "../api/schema";

export type Watch = components["schemas"]["Watch"];
export type WatchBody = components["schemas"]["WatchBody"];
export type WatchPatch = components["schemas"]["WatchPatch"];
export type Condition = Watch["condition"];
export type Side = Watch["side"];

export const CONDITIONS = ["touch", "cross_up", "cross_down", "close_above", "close_below"] as const;
export function isCondition(written: string): written is Condition {
  return (CONDITIONS as readonly string[]).includes(written);
}

export const ON_MOVES = ["follow", "hold", "cancel"] as const;

/** Seconds from the moment of saving; `keep` leaves the time of an existing watch alone. */
export const EXPIRIES = { never: null, hour: 3_600, day: 86_400, week: 604_800, month: 2_592_000 } as const;
export type Expiry = keyof typeof EXPIRIES | "keep";

/** In seconds. */
export const COOLDOWNS = [0, 60, 300, 900, 3_600, 86_400] as const;

/** What a new watch is about: a market, and a level of it or a price. */
export interface WatchSubject {
  exchange: string;
  market_type: "spot" | "future";
  symbol: string;
  /** That of the level's market; whose closes a price's watch waits for unless said. */
  timeframe?: string;
  lastPrice?: number;
  level?: { level_id: string; side: "support" | "resistance"; price: number };
  /** Where there is no level. */
  price?: number;
}

export interface Draft {
  /** As written: it may be no number (yet). */
  target: string;
  side: Side;
  condition: Condition;
  timeframe: string;
  repeat: Watch["repeat"];
  cooldown: number;
  onMove: (typeof ON_MOVES)[number];
  expiry: Expiry;
  note: string;
}

/** Long at a support or at a price below the last one, short otherwise. */
export function sideAt(subject: WatchSubject): Side {
  if (subject.level) return subject.level.side === "support" ? "long" : "short";
  return subject.price !== undefined && subject.lastPrice !== undefined && subject.price > subject.lastPrice
    ? "short"
    : "long";
}

export function draftFor(subject: WatchSubject): Draft {
  const target = subject.level?.price ?? subject.price;
  return {
    target: target === undefined ? "" : String(target),
    side: sideAt(subject),
    condition: "touch",
    timeframe: subject.timeframe ?? "1h",
    repeat: "once",
    cooldown: 300,
    onMove: "follow",
    expiry: "never",
    note: "",
  };
}

export function draftOf(watch: Watch): Draft {
  return {
    target: String(watch.target),
    side: watch.side,
    condition: watch.condition,
    timeframe: watch.timeframe ?? "1h",
    repeat: watch.repeat,
    cooldown: watch.cooldown_seconds,
    onMove: watch.on_move ?? "follow",
    expiry: watch.expires_at === null ? "never" : "keep",
    note: watch.note ?? "",
  };
}

/** The price in the draft; null where what is written is none. */
export function targetOf(draft: Draft): number | null {
  const target = Number(draft.target.replaceAll(",", ""));
  return draft.target.trim() !== "" && Number.isFinite(target) && target > 0 ? target : null;
}

export function isClose(condition: Condition): boolean {
  return condition === "close_above" || condition === "close_below";
}

/** What makes the watch; null while its price is none. `now` in ms. */
export function bodyOf(draft: Draft, subject: WatchSubject, now: number): WatchBody | null {
  const target = targetOf(draft);
  if (target === null) return null;
  const { exchange, market_type, symbol, level } = subject;
  return {
    exchange,
    market_type,
    symbol,
    condition: draft.condition,
    side: draft.side,
    timeframe: level ? (subject.timeframe ?? draft.timeframe) : draft.timeframe,
    // A level's price is the server's to say: it may have moved since it was drawn.
    ...(level ? { level_id: level.level_id, on_move: draft.onMove } : { target }),
    repeat: draft.repeat,
    ...(draft.repeat === "always" ? { cooldown_seconds: draft.cooldown } : {}),
    ...(expiresAt(draft.expiry, now) ?? {}),
    ...(draft.note.trim() ? { note: draft.note.trim() } : {}),
  };
}

/** What changes `watch` into the draft, and nothing else; null while its price is none. */
export function patchOf(draft: Draft, watch: Watch, now: number): WatchPatch | null {
  const target = targetOf(draft);
  if (target === null) return null;
  const note = draft.note.trim() || null;
  return {
    ...(target === watch.target ? {} : { target }),
    ...(draft.side === watch.side ? {} : { side: draft.side }),
    ...(draft.condition === watch.condition ? {} : { condition: draft.condition }),
    ...(draft.repeat === watch.repeat ? {} : { repeat: draft.repeat }),
    ...(draft.repeat === "always" && draft.cooldown !== watch.cooldown_seconds
      ? { cooldown_seconds: draft.cooldown }
      : {}),
    ...(expiresAt(draft.expiry, now) ?? {}),
    ...(note === watch.note ? {} : { note }),
  };
}

function expiresAt(expiry: Expiry, now: number): { expires_at: string | null } | null {
  if (expiry === "keep") return null;
  const seconds = EXPIRIES[expiry];
  return { expires_at: seconds === null ? null : new Date(now + seconds * 1000).toISOString() };
}
