/** The payloads of the live stream, by kind of event. `schemas/contracts/` has each payload's JSON Schema. */
import type { components } from "../api/schema";

export type Level = components["schemas"]["Level"];

interface Market {
  exchange: string;
  market_type: string;
  symbol: string;
}

export interface AnalysisCompleted {
  request_ids: string[];
  market: Market & { timeframe: string };
  last_price: number;
  candle_at: string;
  analyzed_at: string;
  support_levels: number[];
  resistance_levels: number[];
  levels: Level[];
}

/** A candle closed, and the levels of the result at `levels_at` are still those of the market. */
export interface AnalysisUnchanged {
  market: Market & { timeframe: string };
  last_price: number;
  candle_at: string;
  analyzed_at: string;
  levels_at: string;
}

export interface AnalysisFailed {
  request_ids: string[];
  market: (Market & { timeframe: string }) | null;
  reason: string;
  message: string;
  failed_at: string;
}

export interface PriceTicked extends Market {
  price: number;
  at: string;
}

export interface WatchFired extends Market {
  type: "fired";
  fire_id: string;
  watch_id: string;
  condition: string;
  target: number;
  price: number;
  side: "long" | "short";
  at: string;
  /** A candle showed it, not a price: `at` is the minute of that candle. */
  late: boolean;
  level_id: string | null;
  /** How it is notified of; null as for every other watch. */
  delivery: components["schemas"]["WatchDelivery"] | null;
}

export interface WatchExpired {
  type: "expired";
  watch_id: string;
}

/** The price of a watch is not known, or known again. */
export interface WatchSightChanged {
  type: "blinded" | "sighted";
  watch_id: string;
}

export interface StreamEvents {
  result: AnalysisCompleted;
  unchanged: AnalysisUnchanged;
  failure: AnalysisFailed;
  price: PriceTicked;
  watch: WatchFired | WatchExpired | WatchSightChanged;
  /** Events may have been missed: everything on screen must be refetched. */
  reset: { reason: string };
}

export const STREAM_URL = "/api/v1/stream";

export type EventKind = keyof StreamEvents;

export const EVENT_KINDS: readonly EventKind[] = ["result", "unchanged", "failure", "price", "watch", "reset"];
