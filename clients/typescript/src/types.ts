/** The shapes of answers and events, by the names that docs/events.md and the OpenAPI document use. */
import type { components as Events } from "./events.js";
import type { components, operations } from "./schema.js";

type Schemas = components["schemas"];
type Query<O> = O extends { parameters: { query?: infer Q } } ? NonNullable<Q> : never;
type WithoutPage<Q> = Omit<Q, "page" | "pageSize" | "after" | "include">;

/** A price level with its evidence. */
export type Level = Schemas["Level"];
/** The newest analysis of a market, or one of the past. Rows of other backends have no levels and no `candle_at`. */
export type Result = Schemas["ResultDetail"];
/** A result as lists have it: with the nearest levels, and with all of them from `allResults`. */
export type ListedResult = Schemas["ResultListItem"];
export type ResultPage = Schemas["ResultPage"];
/** One published result of a market. */
export type Publication = Schemas["Publication"];
/** The state of a request: `queued`, `completed` or `failed`. */
export type Job = Schemas["Job"];
export type Watch = Schemas["Watch"];
/** One fire of a watch. `fire_id` recognises one that was already handled. */
export type Fire = Schemas["WatchFire"];
/** One candle; `timestamp` is its open time in ms. One that is not closed still changes. */
export type Candle = Schemas["Kline"];
/** A watch for all levels that its question selects. */
export type StandingWatch = Schemas["StandingWatch"];
/** A market that its exchange trades. */
export type TradableMarket = Schemas["TradableMarket"];
/** A level by its distance to `last_price`. */
export type NearLevel = Schemas["NearLevel"];
/** What happened at a level, told apart by `type`. `event_id` recognises one that was already handled. */
export type LevelEvent = Schemas["LevelEventList"]["data"][number];
/** Requests of one call: which were accepted, and why others were refused. */
export type BatchOutcome = Schemas["BatchOutcome"];

/** A request; only `symbol` is required. */
export type AnalysisRequest = Schemas["RequestBody"];
export type WatchFields = Schemas["WatchBody"];
export type WatchChanges = Schemas["WatchPatch"];
export type StandingWatchFields = Schemas["StandingWatchBody"];
export type StandingWatchChanges = Schemas["StandingWatchPatch"];
export type MarketQuestion = Query<operations["listMarkets"]>;
export type ResultFilter = WithoutPage<Query<operations["listResults"]>>;
export type KlineQuery = Query<operations["listKlines"]>;
export type NearQuestion = Query<operations["listNearLevels"]>;
export type ExportFormat = NonNullable<operations["exportLevels"]["parameters"]["query"]["format"]>;
export type WatchFilter = WithoutPage<Query<operations["listWatches"]>>;

/** One page of a list. */
export interface Page<T> {
  items: T[];
  total: number;
  page: number;
  pages: number;
}

// Events as they are on the topics; the stream has those of `StreamEvents`.
export type AnalysisRequested = Events["schemas"]["AnalysisRequested"];
export type AnalysisUnchanged = Events["schemas"]["AnalysisUnchanged"];
export type CandleClosed = Events["schemas"]["CandleClosed"];
export type AnalysisCompleted = Events["schemas"]["AnalysisCompleted"];
export type AnalysisFailedEvent = Events["schemas"]["AnalysisFailed"];
export type PriceTicked = Events["schemas"]["PriceTicked"];
export type WatchFired = Events["schemas"]["WatchFired"];
export type WatchExpired = Events["schemas"]["WatchExpired"];
export type WatchBlinded = Events["schemas"]["WatchBlinded"];
export type WatchSighted = Events["schemas"]["WatchSighted"];

/** The payload of each kind of event. */
export interface StreamEvents {
  result: AnalysisCompleted;
  /** A candle closed that changes no level of its market: `candle_at` is that candle. */
  unchanged: AnalysisUnchanged;
  failure: AnalysisFailedEvent;
  price: PriceTicked;
  watch: WatchFired | WatchExpired | WatchBlinded | WatchSighted;
  level: LevelEvent;
  /** Events were missed: read again what you keep. */
  reset: { reason: string };
}

export type EventKind = keyof StreamEvents;

/** An event of the stream, told apart by `kind`. Later servers may send kinds that are not listed here: ignore those. */
export type StreamEvent<K extends EventKind = EventKind> = {
  [Kind in K]: { id: string; kind: Kind; data: StreamEvents[Kind] };
}[K];
