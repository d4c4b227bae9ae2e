/** The contents of the watch dialog, and the request bodies made from them. Pure. */
import type { components } from "../api/schema";
import { buildDelivery, toDeliveryDraft, type DeliveryDraft } from "./delivery";
import { parsePrice } from "../format/parsePrice";
import { toPlainNumeral } from "../format/price";

export type Watch = components["schemas"]["Watch"];
export type WatchBody = components["schemas"]["WatchBody"];
export type WatchPatch = components["schemas"]["WatchPatch"];
export type Condition = Watch["condition"];
/** What the distance of an approach counts in: percent of the target, or mean true ranges of a candle. */
export type Unit = "pct" | "atr";
export type Side = Watch["side"];

export const CONDITIONS = ["touch", "approach", "cross_up", "cross_down", "close_above", "close_below"] as const;

export function isCondition(text: string): text is Condition {
  return (CONDITIONS as readonly string[]).includes(text);
}
export const ON_MOVES = ["follow", "hold", "cancel"] as const;

/** Seconds after saving; `keep` leaves the expiry of an existing watch unchanged. */
export const EXPIRIES = { never: null, hour: 3_600, day: 86_400, week: 604_800, month: 2_592_000 } as const;
export type Expiry = keyof typeof EXPIRIES | "keep";

/** Seconds. */
export const COOLDOWNS = [0, 60, 300, 900, 3_600, 86_400] as const;

/** The market of a new watch, with a level or a price. */
export interface WatchSubject {
  exchange: string;
  market_type: "spot" | "future";
  symbol: string;
  /** Timeframe of the level; for a price, the default timeframe of conditions on a close. */
  timeframe?: string;
  lastPrice?: number;
  level?: { level_id: string; side: "support" | "resistance"; price: number };
  /** Set when there is no level. */
  price?: number;
}

export interface Draft {
  /** As typed; it may not be a number. */
  target: string;
  side: Side;
  condition: Condition;
  /** How near an approach comes, as typed. */
  within: string;
  unit: Unit;
  timeframe: string;
  repeat: Watch["repeat"];
  cooldown: number;
  onMove: (typeof ON_MOVES)[number];
  expiry: Expiry;
  note: string;
  delivery: DeliveryDraft;
}

/** Return long at a support or at a price not above the last one, else short. */
export function defaultSide(subject: WatchSubject): Side {
  if (subject.level) return subject.level.side === "support" ? "long" : "short";
  return subject.price !== undefined && subject.lastPrice !== undefined && subject.price > subject.lastPrice
    ? "short"
    : "long";
}

/** Build the draft of a new watch. */
export function newDraft(subject: WatchSubject): Draft {
  const target = subject.level?.price ?? subject.price;
  return {
    target: target === undefined ? "" : toPlainNumeral(target),
    side: defaultSide(subject),
    condition: "touch",
    within: "1",
    unit: "pct",
    timeframe: subject.timeframe ?? "1h",
    repeat: "once",
    cooldown: 300,
    onMove: "follow",
    expiry: "never",
    note: "",
    delivery: toDeliveryDraft(null),
  };
}

/** Build the draft of a new watch that is like another one. */
export function copyDraft(watch: Watch): Draft {
  return { ...editDraft(watch), expiry: "never" };
}

/** The market and price of a watch, for a new one there. A copy is not bound to the level. */
export function toSubject({ exchange, market_type, symbol, target, last_price, timeframe }: Watch): WatchSubject {
  return {
    ...{ exchange, market_type, symbol },
    price: target,
    ...(last_price == null ? {} : { lastPrice: last_price }),
    ...(timeframe === null ? {} : { timeframe }),
  };
}

/** Build the draft that shows an existing watch. */
export function editDraft(watch: Watch): Draft {
  return {
    target: toPlainNumeral(watch.target),
    side: watch.side,
    condition: watch.condition,
    within: String(watch.within_pct ?? watch.within_atr ?? 1),
    unit: watch.within_atr === null ? "pct" : "atr",
    timeframe: watch.timeframe ?? "1h",
    repeat: watch.repeat,
    cooldown: watch.cooldown_seconds,
    onMove: watch.on_move ?? "follow",
    expiry: watch.expires_at === null ? "never" : "keep",
    note: watch.note ?? "",
    delivery: toDeliveryDraft(watch.delivery),
  };
}

/** Parse the price of the draft; null unless it is one number above zero. */
export function parseTarget(draft: Draft): number | null {
  const reading = parsePrice(draft.target);
  return "price" in reading ? reading.price : null;
}

/** The limits of a distance, as on the server. */
const MAX_WITHIN = { pct: 50, atr: 100 } as const;

/** Parse the distance of an approach; null unless it is a number in its limits. */
export function parseWithin({ within, unit }: Draft): number | null {
  const reading = parsePrice(within);
  return "price" in reading && reading.price <= MAX_WITHIN[unit] ? reading.price : null;
}

/** The distance as the server has it: none for other conditions; null while it is not valid. */
function buildDistance(draft: Draft): { within_pct?: number; within_atr?: number } | null {
  if (draft.condition !== "approach") return {};
  const within = parseWithin(draft);
  if (within === null) return null;
  return draft.unit === "pct" ? { within_pct: within } : { within_atr: within };
}

export function isCloseCondition(condition: Condition): boolean {
  return condition === "close_above" || condition === "close_below";
}

/** Build the body that creates the watch; null while the price is not valid. `now` is in ms. */
export function buildBody(draft: Draft, subject: WatchSubject, now: number): WatchBody | null {
  const target = parseTarget(draft);
  const distance = buildDistance(draft);
  if (target === null || distance === null) return null;
  const { exchange, market_type, symbol, level } = subject;
  const delivery = buildDelivery(draft.delivery);
  return {
    exchange,
    market_type,
    symbol,
    condition: draft.condition,
    ...distance,
    side: draft.side,
    timeframe: level ? (subject.timeframe ?? draft.timeframe) : draft.timeframe,
    // The server sets the price of a level: it may have moved since it was drawn.
    ...(level ? { level_id: level.level_id, on_move: draft.onMove } : { target }),
    repeat: draft.repeat,
    ...(draft.repeat === "always" ? { cooldown_seconds: draft.cooldown } : {}),
    ...(expiresAt(draft.expiry, now) ?? {}),
    ...(draft.note.trim() ? { note: draft.note.trim() } : {}),
    ...(delivery ? { delivery } : {}),
  };
}

/** Build the patch with the fields in which the draft differs from `watch`; null while the price is not valid. */
export function buildPatch(draft: Draft, watch: Watch, now: number): WatchPatch | null {
  const target = parseTarget(draft);
  const distance = buildDistance(draft);
  if (target === null || distance === null) return null;
  const note = draft.note.trim() || null;
  const delivery = buildDelivery(draft.delivery);
  const shown = buildDelivery(toDeliveryDraft(watch.delivery));
  return {
    ...(target === watch.target ? {} : { target }),
    ...(draft.side === watch.side ? {} : { side: draft.side }),
    ...(draft.condition === watch.condition ? {} : { condition: draft.condition }),
    ...(keepsDistance(distance, watch) ? {} : distance),
    ...(draft.repeat === watch.repeat ? {} : { repeat: draft.repeat }),
    ...(draft.repeat === "always" && draft.cooldown !== watch.cooldown_seconds
      ? { cooldown_seconds: draft.cooldown }
      : {}),
    ...(expiresAt(draft.expiry, now) ?? {}),
    ...(note === watch.note ? {} : { note }),
    ...(JSON.stringify(delivery) === JSON.stringify(shown) ? {} : { delivery }),
  };
}

function keepsDistance(distance: { within_pct?: number; within_atr?: number }, watch: Watch): boolean {
  return (distance.within_pct ?? null) === watch.within_pct && (distance.within_atr ?? null) === watch.within_atr;
}

function expiresAt(expiry: Expiry, now: number): { expires_at: string | null } | null {
  if (expiry === "keep") return null;
  const seconds = EXPIRIES[expiry];
  return { expires_at: seconds === null ? null : new Date(now + seconds * 1000).toISOString() };
}
