/** Markets that an error message of the API suggests instead of an unknown one. Pure. */

export interface Suggestion {
  symbol: string;
  market_type: "spot" | "future";
}

const SIMILAR = /similar ones are ([A-Z0-9]+(?:, [A-Z0-9]+)*)/;
const SCALED = /, but ([A-Z0-9]+(?: and [A-Z0-9]+)*), whose price/;
const OTHER_TYPE = /has no (?:spot|future) market ([A-Z0-9]+), but a (spot|future) one/;

/** Parse the suggestions of a message about an unknown market of `marketType`; empty without any. */
export function parseSuggestions(message: string, marketType: string): Suggestion[] {
  const [, symbol, type] = OTHER_TYPE.exec(message) ?? [];
  if (symbol && type) return [{ symbol, market_type: type === "future" ? "future" : "spot" }];
  const names = SIMILAR.exec(message)?.[1]?.split(", ") ?? SCALED.exec(message)?.[1]?.split(" and ") ?? [];
  return names.map((name) => ({ symbol: name, market_type: marketType === "future" ? "future" : "spot" }));
}
