/** The markets that a search offers, best first. Pure. */
import type { MarketName } from "../format/market";
import { priceKey } from "../format/market";

const MAX_OFFERED = 60;

interface Sources {
  /** Keys, newest first. */
  recent: readonly string[];
  stars: readonly string[];
  /** Markets with levels. */
  analysed: readonly MarketName[];
  /** Markets that the exchanges list for this search. */
  listed: readonly MarketName[];
}

/** Convert `sim:spot:BTCUSDT` to its market; null for any other text. */
export function parseMarketKey(key: string): MarketName | null {
  const [exchange, market_type, symbol, ...rest] = key.split(":");
  return exchange && market_type && symbol && rest.length === 0 ? { exchange, market_type, symbol } : null;
}

/** Reduce what was typed to the letters and digits of a symbol: `btc/usdt` is `BTCUSDT`. */
export function normalizeQuery(text: string): string {
  return text.toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/**
 * Without a query: recent ones, then stars, then all with levels. With one: equal symbols, then those that begin with it,
 * then those that contain it; among these recent ones, stars and those with levels first, and spot before futures.
 */
export function rankMarkets(query: string, { recent, stars, analysed, listed }: Sources): MarketName[] {
  const text = normalizeQuery(query);
  const own = [...recent, ...stars].map(parseMarketKey).filter((market) => market !== null);
  const known = new Map([...own, ...analysed, ...listed].map((market) => [priceKey(market), market]));
  const origin = new Map([...known.keys()].map((key, index) => [key, index]));
  const withLevels = new Set(analysed.map(priceKey));
  const tier = (key: string) => [recent, stars].findIndex((keys) => keys.includes(key));
  const rank = ([key, market]: [string, MarketName]): number[] => [
    matchRank(market.symbol, text),
    tier(key) >= 0 ? tier(key) : withLevels.has(key) ? 2 : 3,
    text === "" ? (origin.get(key) ?? 0) : market.symbol.length,
    market.market_type === "spot" ? 0 : 1,
    origin.get(key) ?? 0,
  ];
  return [...known]
    .filter(([, { symbol }]) => symbol.includes(text))
    .map((entry) => ({ market: entry[1], rank: rank(entry) }))
    .sort((one, other) => compare(one.rank, other.rank))
    .slice(0, MAX_OFFERED)
    .map(({ market }) => market);
}

function matchRank(symbol: string, text: string): number {
  if (text === "" || symbol === text) return 0;
  return symbol.startsWith(text) ? 1 : 2;
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at < 0 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}
