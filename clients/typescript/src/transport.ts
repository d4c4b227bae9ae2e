/** Sends calls that the OpenAPI document types, and repeats them while the server is away or busy. */
import { pauseBefore, readError } from "./answers.js";
import { Unavailable } from "./errors.js";
import type { paths } from "./schema.js";
import { Silence, sleep } from "./waiting.js";

type Method = "get" | "post" | "patch" | "delete";
type PathWith<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, object> ? P : never }[keyof paths];
type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never;
type Json<R> = R extends { content: { "application/json": infer B } } ? B : undefined;
type Success<R> = R[keyof R & (200 | 201 | 202 | 204)];
type Answer<O> = O extends { responses: infer R } ? Json<Success<R>> : never;
type Body<O> = O extends { requestBody?: infer B } ? Json<NonNullable<B>> : never;
type Parameters<O, In extends "path" | "query"> = O extends { parameters: { [I in In]?: infer Q } } ? NonNullable<Q> : never;

export interface TransportOptions {
  /** Address of the server; in a page it may be relative to it, so that "/" is the server of the page. */
  url: string;
  /** Sent with each call, where the server demands one. */
  apiKey?: string | undefined;
  /** Longest wait for an answer. */
  timeoutMs: number;
  /** How often a call is repeated while the server is away or busy. */
  retries: number;
  /** Opens an event stream for `listen`; Node has no EventSource of its own. */
  openEventSource: (url: string) => EventSource;
  /** Replaces the network in tests. */
  fetch: typeof fetch;
  /** Replaces waiting in tests. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

type Read<T> = (response: Response) => Promise<T>;

interface CallOptions<O> extends AnyCallOptions {
  path?: Parameters<O, "path">;
  query?: Parameters<O, "query"> | undefined;
  body?: Body<O>;
}

interface AnyCallOptions {
  path?: object;
  query?: object | undefined;
  body?: unknown;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
  /** Whether sending it twice has the effect of sending it once. */
  isRepeatable?: boolean;
}

export class Transport {
  private readonly options: TransportOptions;

  constructor(options: Partial<TransportOptions> = {}) {
    const defaults = { url: "http://127.0.0.1:8000", timeoutMs: 15_000, retries: 3, sleep };
    const network = { fetch: globalThis.fetch.bind(globalThis), openEventSource: (url: string) => new EventSource(url) };
    const given = { ...defaults, ...network, ...options };
    this.options = { ...given, url: new URL(given.url, pageAddress()).href };
  }

  get retries(): number {
    return this.options.retries;
  }

  /** Return the answer's body. Throws Refused, NotFound, Unavailable, and the reason of an aborted `signal`. */
  async send<M extends Method, P extends PathWith<M> & keyof paths>(
    method: M,
    path: P,
    options: CallOptions<Operation<P, M>> = {},
  ): Promise<Answer<Operation<P, M>>> {
    return (await this.sendRepeatedly(method, path, options, readJson)) as Answer<Operation<P, M>>;
  }

  /** Return the file that a path answers with. Throws as `send` does. */
  async download<P extends PathWith<"get"> & keyof paths>(path: P, options: CallOptions<Operation<P, "get">>): Promise<Blob> {
    return this.sendRepeatedly("get", path, options, (response) => response.blob());
  }

  /** Open the stream; `silence` bounds the waiting for its answer and, extended, for what follows. */
  async openStream(query: object, lastId: string, silence: Silence): Promise<ReadableStream<Uint8Array>> {
    const url = buildUrl(this.options.url, "/api/v1/stream", {}, query);
    const headers = { Accept: "text/event-stream", ...(lastId ? { "Last-Event-ID": lastId } : {}) };
    const response = await this.options.fetch(url, { headers: this.addKey(headers), signal: silence.signal });
    if (!response.ok) throw await readError(response);
    if (response.body === null) throw new Unavailable("the server sent no stream");
    return response.body;
  }

  /** Open the stream by EventSource, with a ticket in place of the key. Throws as `send` does. */
  async openEventSource(query: object): Promise<EventSource> {
    const ticket = this.options.apiKey ? (await this.send("post", "/api/v1/stream/ticket")).ticket : null;
    return this.options.openEventSource(buildUrl(this.options.url, "/api/v1/stream", {}, { ...query, ticket }));
  }

  /** Wait before attempt number `attempt`. Throws `error` where there are no more. */
  async pause(attempt: number, error: Unavailable, signal?: AbortSignal): Promise<void> {
    if (attempt > this.options.retries + 1) throw error;
    await this.options.sleep(pauseBefore(attempt, error), signal);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.options.sleep(ms, signal);
  }

  private async sendRepeatedly<T>(method: string, path: string, options: AnyCallOptions, read: Read<T>): Promise<T> {
    const { path: names = {}, query = {}, body, signal, timeoutMs = this.options.timeoutMs, isRepeatable = true } = options;
    const url = buildUrl(this.options.url, path, names, query);
    const init = { method: method.toUpperCase(), ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.sendOnce(url, init, read, timeoutMs, signal);
      } catch (error) {
        if (!isRepeatable || !(error instanceof Unavailable)) throw error;
        await this.pause(attempt + 1, error, signal);
      }
    }
  }

  private async sendOnce<T>(url: string, init: RequestInit, read: Read<T>, timeoutMs: number, signal?: AbortSignal): Promise<T> {
    const silence = new Silence(timeoutMs, signal);
    const headers = this.addKey({ Accept: "application/json", ...(init.body ? { "Content-Type": "application/json" } : {}) });
    try {
      const response = await this.options.fetch(url, { ...init, headers, signal: silence.signal });
      if (!response.ok) throw await readError(response);
      return await read(response);
    } catch (error) {
      if (silence.isOver) throw new Unavailable(`the server did not answer within ${timeoutMs} ms`);
      // fetch throws a TypeError for a connection that was refused or cut.
      if (error instanceof TypeError) throw new Unavailable(`the server did not answer: ${explain(error)}`);
      throw error;
    } finally {
      silence.stop();
    }
  }

  private addKey(headers: Record<string, string>): Record<string, string> {
    return this.options.apiKey ? { ...headers, "X-API-Key": this.options.apiKey } : headers;
  }
}

async function readJson(response: Response): Promise<unknown> {
  return response.status === 204 ? undefined : ((await response.json()) as unknown);
}

function pageAddress(): string | undefined {
  return "location" in globalThis ? globalThis.location.href : undefined;
}

/** Return the message of an error, and that of its cause, where Node has the reason. */
export function explain(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** Fill in the `{names}` of a path, and append the query parameters that are present. */
export function buildUrl(base: string, path: string, names: object, query: object): string {
  const values = new Map<string, unknown>(Object.entries(names));
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values.get(name))).replaceAll("%3A", ":"));
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") parameters.set(name, String(value));
  }
  const search = parameters.toString();
  return `${base.replace(/\/+$/, "")}${filled}${search ? `?${search}` : ""}`;
}
