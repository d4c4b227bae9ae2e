/** Serves the built pages and an API of made-up markets whose prices stream as fast as the benchmark wants. */
import { readFileSync, existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";

const STATIC = resolve(import.meta.dirname, "../../api/static");
const TYPES = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".html": "text/html" };
const MINUTE = 60_000;
const CANDLES = 1_000;

export function nameMarket(index) {
  return `M${String(index).padStart(4, "0")}USDT`;
}

/** Start the server with that many markets; `tick(rounds)` sends rounds of one price a market and waits for the last. */
export async function startServer(count) {
  const rows = Array.from({ length: count }, (_, index) => buildRow(index));
  const streams = new Set();
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://bench");
    if (url.pathname === "/api/v1/stream") openStream(response, streams);
    else if (url.pathname.startsWith("/api/") || url.pathname === "/health") sendJson(response, answer(url, rows));
    else sendFile(response, url.pathname);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  let round = 0;
  const began = Date.now();
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    streams: () => streams.size,
    async tick(rounds) {
      for (let done = 0; done < rounds; done += 1) {
        round += 1;
        const body = formatRound(rows, round, began);
        for (const stream of streams) if (!stream.write(body)) await new Promise((drained) => stream.once("drain", drained));
      }
    },
    close() {
      for (const stream of streams) stream.end();
      server.closeAllConnections();
      server.close();
    },
  };
}

function formatRound(rows, round, began) {
  const at = new Date(began + round * 1_000).toISOString();
  let body = "";
  for (const row of rows) {
    const price = 100 + ((row.id * 7 + round) % 41) / 50;
    const { exchange, market_type, symbol } = row;
    body += `event: price\nid: bench-${round}-${row.id}\ndata: ${JSON.stringify({ exchange, market_type, symbol, price, at })}\n\n`;
  }
  return body;
}

function openStream(response, streams) {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write(": open\n\n");
  streams.add(response);
  response.on("close", () => streams.delete(response));
}

function buildRow(index) {
  const now = new Date().toISOString();
  const near = (side, price) => ({ ...buildLevel(index, side, price), side: undefined });
  return {
    id: index + 1,
    exchange: "bench",
    market_type: "spot",
    symbol: nameMarket(index),
    timeframe: "1m",
    input_limit: 2_000,
    support_levels: [99, 98, 96, 93, 90],
    resistance_levels: [101, 103, 105, 108, 112],
    last_price: 100,
    created_at: now,
    updated_at: now,
    candle_at: now,
    analyzed_at: now,
    request_id: `bench-${index}`,
    algorithm: "bench/1",
    nearest: { support: near("support", 99), resistance: near("resistance", 101) },
  };
}

function buildLevel(index, side, price) {
  const at = new Date(Date.now() - (300 + price) * MINUTE).toISOString();
  const level_id = `${side === "support" ? "S" : "R"}${Date.parse(at)}`;
  const score_parts = { touches: 2.1, volume: 0.8, distance: 0.9, direction: 0.3 };
  const evidence = { touches: 12, bounces: 8, breaks: 4, first_touch_at: at, last_touch_at: at, confirmed_at: at, windows: [5, 10] };
  const odds = { p_hold: 0.41, placebo: 0.41, n: 20_982, p_reach_24: 0.6, p_reach_100: 0.8 };
  const band = { low: price * 0.998, high: price * 1.002 };
  return { level_id, side, origin_side: side, price, ...band, score: 4 + (index % 10) / 10, score_parts, ...evidence, distance_pct: 1, ...odds };
}

function answer(url, rows) {
  const { pathname, searchParams } = url;
  if (pathname === "/health") return { status: "ok", version: "0", database: true, broker: true, watches_blind: 0 };
  if (pathname === "/api/v1/exchanges") return { data: ["bench"], default: "bench", simulated: [] };
  if (pathname === "/api/v1/klines") return buildCandles(searchParams);
  if (pathname === "/api/v1/fires") return { data: [], next: "0" };
  const one = /^\/api\/v1\/analysis\/(\d+)$/.exec(pathname);
  if (one) return { data: withLevels(rows[Number(one[1]) - 1]) };
  if (pathname === "/api/v1/analysis/results") return listRows(rows, searchParams);
  return { data: [], total: 0, page: 1, pageSize: 100, totalPages: 0, next: null };
}

function listRows(rows, search) {
  const after = Number(search.get("after") ?? 0);
  const found = rows.filter(({ symbol }) => symbol.includes(search.get("symbol") ?? ""));
  const size = Number(search.get("pageSize") ?? 100);
  const next = search.has("after") && after + size < found.length ? String(after + size) : null;
  return { data: found.slice(after, after + size), total: found.length, page: 1, pageSize: size, totalPages: 1, next };
}

function withLevels(row) {
  const levels = [...row.support_levels.map((price) => buildLevel(row.id, "support", price)), ...row.resistance_levels.map((price) => buildLevel(row.id, "resistance", price))];
  return { ...row, levels };
}

function buildCandles(search) {
  const limit = Number(search.get("limit") ?? CANDLES);
  const last = Math.floor(Date.now() / MINUTE) * MINUTE;
  const data = Array.from({ length: limit }, (_, index) => {
    const open = 100 + Math.sin(index / 17) * 2;
    const close = 100 + Math.sin((index + 1) / 17) * 2;
    const timestamp = last - (limit - 1 - index) * MINUTE;
    return { timestamp, open, high: Math.max(open, close) + 0.3, low: Math.min(open, close) - 0.3, close, volume: 10 + (index % 9), is_closed: index < limit - 1 };
  });
  const since = Number(search.get("since") ?? 0);
  return { success: true, data: data.filter(({ timestamp }) => timestamp >= since), count: limit, cached: true, exchange: "bench", symbol: "", market_type: "spot", interval: "1m" };
}

function sendJson(response, value) {
  const body = gzipSync(JSON.stringify(value), { level: 5 });
  response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip", "content-length": body.length });
  response.end(body);
}

function sendFile(response, pathname) {
  const file = join(STATIC, extname(pathname) ? pathname : "index.html");
  if (!existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  const packed = existsSync(`${file}.br`);
  const body = readFileSync(packed ? `${file}.br` : file);
  const encoding = packed ? { "content-encoding": "br" } : {};
  response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "content-length": body.length, ...encoding });
  response.end(body);
}
