/** The client: each call of the server as a method, asking and waiting, and the live stream. */
import { AnalysisFailed, StillRunning } from "./errors.js";
import { EventSourceStream, type ListenOptions } from "./event-source.js";
import { followStream, type StreamOptions } from "./stream.js";
import { Transport, type TransportOptions } from "./transport.js";
import type {
  AnalysisRequest,
  BatchOutcome,
  Candle,
  EventKind,
  ExportFormat,
  Fire,
  Job,
  KlineQuery,
  LevelEvent,
  ListedResult,
  MarketQuestion,
  NearLevel,
  NearQuestion,
  Page,
  Publication,
  Result,
  ResultFilter,
  ResultPage,
  StandingWatch,
  StandingWatchChanges,
  StandingWatchFields,
  StreamEvent,
  TradableMarket,
  Watch,
  WatchChanges,
  WatchFields,
  WatchFilter,
} from "./types.js";

export type ClientOptions = Partial<TransportOptions>;

/** `signal` ends the call, which then throws the signal's reason. */
export interface CallOptions {
  signal?: AbortSignal;
}

export interface PageOptions extends CallOptions {
  page?: number;
  pageSize?: number;
}

export interface PastOptions extends CallOptions {
  /** As published at that time; a string needs its zone. */
  at?: Date | string;
}

export interface ExportOptions extends CallOptions {
  /** Candles that opened before this time; until now if absent. */
  to?: Date | string;
  /** `csv` if absent. */
  format?: ExportFormat;
}

export interface CandleOptions extends CallOptions {
  /** How many: 1,000 if absent, at most 2,000. */
  limit?: number;
  /** The first candles that open at this time or later. */
  since?: Date | string;
  /** The last candles that open before this time. */
  before?: Date | string;
}

export interface WaitOptions extends CallOptions {
  /** How long to wait for the end of the request: 60 s if absent. */
  withinMs?: number;
}

/** The server first fetches the candles of a long export, then analyses for seconds. */
const EXPORT_TIMEOUT_MS = 180_000;
/** Longest time that one call of the server waits, in seconds. */
const MAX_WAIT = 60;
const POLL_MS = 1_000;
const PAGE_SIZE = 100;
const MAX_CHUNK = 500;
const FIRST_CURSOR = "0";

/** Calls a Strandline server. Numbers are numbers, times are RFC 3339 texts in UTC, fields have the names of the API. */
export class Client {
  private readonly transport: Transport;
  private readonly timeoutMs: number;

  constructor(options: ClientOptions = {}) {
    this.timeoutMs = options.timeoutMs ?? 15_000;
    this.transport = new Transport({ ...options, timeoutMs: this.timeoutMs });
  }

  /** Return a page of results. The filter's `symbol` matches any part of a symbol. */
  async results(filter: ResultFilter = {}, options: PageOptions = {}): Promise<Page<ListedResult>> {
    const query = { ...filter, ...pageOf(options) };
    return readPage(await this.transport.send("get", "/api/v1/analysis/results", { query, signal: options.signal }));
  }

  /** Yield every result with its levels, in few calls. One that is renewed meanwhile is neither omitted nor repeated. */
  async *allResults(filter: ResultFilter = {}, options: CallOptions = {}): AsyncGenerator<ListedResult, void, undefined> {
    for (let after: string | null = FIRST_CURSOR; after !== null; ) {
      const query = { ...filter, include: "levels", after, pageSize: MAX_CHUNK };
      const answer: ResultPage = await this.transport.send("get", "/api/v1/analysis/results", { query, signal: options.signal });
      yield* answer.data;
      after = answer.next;
    }
  }

  /** Return a result with its levels: the newest, or the one that was published at the time `at`. */
  async result(id: number, options: PastOptions = {}): Promise<Result> {
    const call = { path: { result_id: id }, query: { at: timeOf(options.at) }, signal: options.signal };
    return (await this.transport.send("get", "/api/v1/analysis/{result_id}", call)).data;
  }

  /** Return the result of a market key such as `binance:spot:BTCUSDT:1h`. */
  async resultOf(market: string, options: PastOptions = {}): Promise<Result> {
    const call = { path: { market }, query: { at: timeOf(options.at) }, signal: options.signal };
    return (await this.transport.send("get", "/api/v1/analysis/by-market/{market}", call)).data;
  }

  /** Return what was published of a market, the newest first. */
  async history(market: string, options: PageOptions = {}): Promise<Page<Publication>> {
    const { id } = await this.resultOf(market, options);
    const call = { path: { result_id: id }, query: pageOf(options), signal: options.signal };
    return readPage(await this.transport.send("get", "/api/v1/analysis/{result_id}/history", call));
  }

  /**
   * Return the levels as they were known at each of at most 20,000 closes, as a file.
   *
   * A row may be used from its `known_from` on, the close of its candle.
   */
  async exportLevels(market: string, from: Date | string, options: ExportOptions = {}): Promise<Blob> {
    const query = { market, from: textOf(from), to: timeOf(options.to), format: options.format ?? "csv" };
    return this.transport.download("/api/v1/export", { query, timeoutMs: EXPORT_TIMEOUT_MS, signal: options.signal });
  }

  /** Return candles of a market, the oldest first: the newest, unless `since` or `before` is given. */
  async candles(market: string, options: CandleOptions = {}): Promise<Candle[]> {
    const [exchange, market_type, symbol, interval] = market.split(":");
    if (!symbol || !interval) throw new TypeError(`${market} is not a market key, such as binance:spot:BTCUSDT:1h`);
    const span = { limit: options.limit ?? null, since: millisecondsOf(options.since), before: millisecondsOf(options.before) };
    const query = { exchange, market_type, symbol, interval, ...span } as KlineQuery;
    return (await this.transport.send("get", "/api/v1/klines", { query, signal: options.signal })).data;
  }

  /** Return tradable markets. */
  async markets(question: MarketQuestion = {}, options: CallOptions = {}): Promise<TradableMarket[]> {
    return (await this.transport.send("get", "/api/v1/markets", { query: question, signal: options.signal })).data;
  }

  /** Return levels by their distance to the price, the nearest first. */
  async nearLevels(question: NearQuestion = {}, options: CallOptions = {}): Promise<NearLevel[]> {
    const call = { query: question, signal: options.signal };
    return (await this.transport.send("get", "/api/v1/levels/near", call)).data;
  }

  /** Return what happened at a level of a market, the newest first. */
  async levelEvents(market: string, levelId: string, options: CallOptions = {}): Promise<LevelEvent[]> {
    const call = { path: { market, level_id: levelId }, signal: options.signal };
    return (await this.transport.send("get", "/api/v1/levels/{market}/{level_id}/events", call)).data;
  }

  /** Request an analysis, which runs in the background; return its `request_id`. */
  async request(request: AnalysisRequest, options: CallOptions = {}): Promise<string> {
    const body = withId(request);
    return (await this.transport.send("post", "/api/v1/analysis/trigger", { body, signal: options.signal })).request_id;
  }

  /** Request at most 500 analyses in one call. */
  async requestMany(requests: readonly AnalysisRequest[], options: CallOptions = {}): Promise<BatchOutcome> {
    const body = { requests: requests.map(withId) };
    return this.transport.send("post", "/api/v1/analysis/batch", { body, signal: options.signal });
  }

  /** Request an analysis and return its result. Throws AnalysisFailed, and StillRunning after `withinMs`. */
  async analyze(request: AnalysisRequest, options: WaitOptions = {}): Promise<Result> {
    const { withinMs = 60_000, signal } = options;
    const deadline = Date.now() + withinMs;
    const wait = Math.min(withinMs / 1_000, MAX_WAIT);
    const call = { body: withId(request), query: { wait }, timeoutMs: wait * 1_000 + this.timeoutMs, signal };
    const answer = await this.transport.send("post", "/api/v1/analysis/trigger", call);
    if (answer.status === "failed") throw failureOf(answer);
    if ("result" in answer && answer.result) return answer.result;
    return this.awaitJob(answer.request_id, deadline, withinMs, signal);
  }

  /** Return the state of a request. */
  async job(requestId: string, options: CallOptions = {}): Promise<Job> {
    return this.transport.send("get", "/api/v1/jobs/{request_id}", { path: { request_id: requestId }, signal: options.signal });
  }

  /** Return the states of at most 500 requests; unknown ones are omitted. */
  async jobs(requestIds: Iterable<string>, options: CallOptions = {}): Promise<Job[]> {
    const query = { ids: [...requestIds].join(",") };
    return (await this.transport.send("get", "/api/v1/jobs", { query, signal: options.signal })).data;
  }

  /** Return a page of watches, the newest first. */
  async watches(filter: WatchFilter = {}, options: PageOptions = {}): Promise<Page<Watch>> {
    const query = { ...filter, ...pageOf(options) };
    return readPage(await this.transport.send("get", "/api/v1/watches", { query, signal: options.signal }));
  }

  /** Return one watch. */
  async watch(watchId: string, options: CallOptions = {}): Promise<Watch> {
    const call = { path: { watch_id: watchId }, signal: options.signal };
    return (await this.transport.send("get", "/api/v1/watches/{watch_id}", call)).data;
  }

  /** Create a watch. It gets a `client_key`, so that the call can be repeated. */
  async createWatch(fields: WatchFields, options: CallOptions = {}): Promise<Watch> {
    const body = { client_key: makeId(), ...fields };
    return (await this.transport.send("post", "/api/v1/watches", { body, signal: options.signal })).data;
  }

  /** Change fields of a watch; null clears `expires_at` and `note`. */
  async changeWatch(watchId: string, changes: WatchChanges, options: CallOptions = {}): Promise<Watch> {
    const call = { path: { watch_id: watchId }, body: changes, signal: options.signal };
    return (await this.transport.send("patch", "/api/v1/watches/{watch_id}", call)).data;
  }

  /** Delete a watch. */
  async deleteWatch(watchId: string, options: CallOptions = {}): Promise<void> {
    const call = { path: { watch_id: watchId }, signal: options.signal, isRepeatable: false };
    await this.transport.send("delete", "/api/v1/watches/{watch_id}", call);
  }

  /** Take the deletion of a watch back, for a day after it. */
  async restoreWatch(watchId: string, options: CallOptions = {}): Promise<Watch> {
    const call = { path: { watch_id: watchId }, signal: options.signal };
    return (await this.transport.send("post", "/api/v1/watches/{watch_id}/restore", call)).data;
  }

  /** Return the standing watches. */
  async standingWatches(options: CallOptions = {}): Promise<StandingWatch[]> {
    return (await this.transport.send("get", "/api/v1/standing-watches", { signal: options.signal })).data;
  }

  /** Create a watch for all levels that price comes near to. */
  async createStandingWatch(fields: StandingWatchFields, options: CallOptions = {}): Promise<StandingWatch> {
    const call = { body: fields, signal: options.signal, isRepeatable: false };
    return (await this.transport.send("post", "/api/v1/standing-watches", call)).data;
  }

  /** Change name, state or delivery of a standing watch. */
  async changeStandingWatch(watchId: string, changes: StandingWatchChanges, options: CallOptions = {}): Promise<StandingWatch> {
    const call = { path: { watch_id: watchId }, body: changes, signal: options.signal };
    return (await this.transport.send("patch", "/api/v1/standing-watches/{watch_id}", call)).data;
  }

  /** Delete a standing watch. */
  async deleteStandingWatch(watchId: string, options: CallOptions = {}): Promise<void> {
    const call = { path: { watch_id: watchId }, signal: options.signal, isRepeatable: false };
    await this.transport.send("delete", "/api/v1/standing-watches/{watch_id}", call);
  }

  /** Return the fires of a watch, the newest first. */
  async fires(watchId: string, options: CallOptions = {}): Promise<Fire[]> {
    const call = { path: { watch_id: watchId }, signal: options.signal };
    return (await this.transport.send("get", "/api/v1/watches/{watch_id}/fires", call)).data;
  }

  /** Yield events until the loop is left; after a cut it resumes, and omits what it has already yielded. */
  stream<K extends EventKind = EventKind>(options: StreamOptions<K> = {}): AsyncGenerator<StreamEvent<K>, void, undefined> {
    return followStream(this.transport, options);
  }

  /**
   * Call `onEvent` with each event, by the browser's EventSource, until the function that is returned is called.
   *
   * It resumes like `stream`. Where the server demands a key, a ticket for each connection replaces it.
   */
  listen<K extends EventKind = EventKind>(onEvent: (event: StreamEvent<K>) => void, options: ListenOptions<K> = {}): () => void {
    const source = new EventSourceStream(this.transport, onEvent as (event: StreamEvent) => void, options);
    return () => source.close();
  }

  private async awaitJob(requestId: string, deadline: number, withinMs: number, signal?: AbortSignal): Promise<Result> {
    const options = signal ? { signal } : {};
    while (Date.now() < deadline) {
      const job = await this.job(requestId, options);
      if (job.status === "failed") throw failureOf(job);
      if (job.status === "completed") return this.resultOfJob(job, options);
      await this.transport.sleep(POLL_MS, signal);
    }
    throw new StillRunning(requestId, withinMs);
  }

  private async resultOfJob(job: Job, options: CallOptions): Promise<Result> {
    if (job.result_id == null) throw new AnalysisFailed(job.request_id, "no_row", "the result has no row");
    return this.result(job.result_id, options);
  }
}

function failureOf(job: { request_id: string; reason?: string | null; message?: string | null }): AnalysisFailed {
  return new AnalysisFailed(job.request_id, String(job.reason), String(job.message));
}

/** Return the request with an id, so that it can be sent again. */
function withId(request: AnalysisRequest): AnalysisRequest {
  return { ...request, request_id: request.request_id ?? makeId() };
}

/** Return 128 random bits. `crypto.randomUUID` is absent from pages that are served without TLS. */
function makeId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function pageOf({ page = 1, pageSize = PAGE_SIZE }: PageOptions): { page: number; pageSize: number } {
  return { page, pageSize };
}

function readPage<T>(answer: { data: T[]; total: number; page: number; totalPages: number }): Page<T> {
  return { items: answer.data, total: answer.total, page: answer.page, pages: answer.totalPages };
}

function millisecondsOf(at: Date | string | undefined): number | null {
  return at === undefined ? null : new Date(at).getTime();
}

function timeOf(at: Date | string | undefined): string | null {
  return at === undefined ? null : textOf(at);
}

function textOf(at: Date | string): string {
  return at instanceof Date ? at.toISOString() : at;
}
