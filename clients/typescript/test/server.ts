/** A server of a test's own answers, in place of the network. */
import { Client, type ClientOptions } from "../src/index.js";

export interface Sent {
  url: URL;
  method: string;
  headers: Headers;
  body: unknown;
}

type Answer = Response | Error;

/** Connect a client to these answers, given in order; calls and pauses are recorded. */
export function connect(answers: Answer[], options: ClientOptions = {}): { client: Client; sent: Sent[]; pauses: number[] } {
  const sent: Sent[] = [];
  const pauses: number[] = [];
  const left = [...answers];
  const client = new Client({
    url: "http://server/",
    fetch: (input, init = {}) => {
      const body = typeof init.body === "string" ? (JSON.parse(init.body) as unknown) : undefined;
      sent.push({ url: new URL(String(input)), method: init.method ?? "GET", headers: new Headers(init.headers), body });
      const answer = left.shift();
      if (answer === undefined) return Promise.reject(new RangeError("no answer is left"));
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    sleep: (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
    ...options,
  });
  return { client, sent, pauses };
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers });
}

export function problem(status: number, detail: string, headers: Record<string, string> = {}): Response {
  return json({ title: "x", status, detail }, status, headers);
}

/** A stream of these pieces; `isCut`: the connection then breaks instead of ending. */
export function stream(pieces: string[], isCut = false): Response {
  const left = pieces.map((piece) => new TextEncoder().encode(piece));
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = left.shift();
      if (piece) controller.enqueue(piece);
      else if (isCut) controller.error(new TypeError("terminated"));
      else controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

export const RESULT = {
  id: 7,
  exchange: "binance",
  symbol: "BTCUSDT",
  market_type: "spot",
  timeframe: "1h",
  input_limit: 1999,
  support_levels: [64000.5],
  resistance_levels: [],
  last_price: 65432.1,
  candle_at: "2026-11-22T11:00:00Z",
  levels: null,
};
