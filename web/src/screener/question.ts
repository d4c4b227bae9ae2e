import type { components } from "../api/schema";
import type { Messages } from "../i18n/messages";

/** The question of the screener. It is kept in the address, so that it can be bookmarked and shared. */

export const SIDES = ["support", "resistance"] as const;
export const SORTS = ["distance", "reach", "touches", "score"] as const;
export const DISTANCES = ["0.5atr", "1atr", "2atr", "0.5pct", "1pct", "3pct"] as const;
export const VISITS = ["fresh", "tested"] as const;

export interface Question {
  side: (typeof SIDES)[number] | "";
  within: (typeof DISTANCES)[number] | "";
  visits: (typeof VISITS)[number] | "";
  exchange: string;
  timeframe: string;
  sort: (typeof SORTS)[number];
}

export function readQuestion(search: URLSearchParams): Question {
  const read = <T extends string>(name: string, known: readonly T[]) => known.find((one) => one === search.get(name));
  return {
    side: read("side", SIDES) ?? "",
    within: read("within", DISTANCES) ?? "",
    visits: read("visits", VISITS) ?? "",
    exchange: search.get("exchange") ?? "",
    timeframe: search.get("timeframe") ?? "",
    sort: read("sort", SORTS) ?? "distance",
  };
}

/** Write the question as search parameters, without what is at its default. */
export function toSearchParams(question: Question): URLSearchParams {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(question)) {
    if (value && !(name === "sort" && value === "distance")) search.set(name, String(value));
  }
  return search;
}

/** The question of a standing watch. */
export function toStandingQuestion(question: Question): components["schemas"]["StandingQuestionBody"] {
  const { exchange, timeframe, ...rest } = toQuery(question);
  return { ...rest, ...(exchange && { exchange }), ...(timeframe && { timeframe }) };
}

/** A name for the question, such as "Support, within 0.5 ATR, 1h". */
export function describeQuestion({ side, within, visits, exchange, timeframe }: Question, m: Messages): string {
  const parts = [
    side ? m.common[side] : m.screener.bothSides,
    within && m.screener.distances[within],
    visits && m.screener.visitsOf[visits],
    exchange,
    timeframe,
  ];
  return parts.filter(Boolean).join(", ");
}

/** The parameters of the call that asks it. */
export function toQuery({ side, within, visits, exchange, timeframe }: Question) {
  const distance = Number.parseFloat(within);
  return {
    ...(side && { side }),
    ...(within.endsWith("atr") && { within_atr: distance }),
    ...(within.endsWith("pct") && { within_pct: distance }),
    ...(visits && { fresh: visits === "fresh" }),
    exchange,
    timeframe,
  };
}
