/**
 * The calls of a front end that was written for another backend, at the address given. Prints what it would draw.
 *
 * Like axios it finds the body in `data`; it calls `toFixed` on every price, and divides `timestamp` by 1,000 for its chart.
 */
const url = process.argv[2];

async function call(path, body) {
  const init = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(url + path, init);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return { status: response.status, data: await response.json() };
}

async function readPage(page, symbol = "") {
  const response = await call(`/api/v1/analysis/results?page=${page}&pageSize=10&symbol=${symbol}&exchange=&timeframe=`);
  const rows = response.data.data.map((row) => ({
    id: row.id,
    symbol: row.symbol,
    timeframe: row.timeframe,
    price: row.last_price.toFixed(4),
    supports: row.support_levels.map((level) => level.toFixed(4)).join(", "),
    updated: new Date(row.updated_at).toLocaleString("en"),
  }));
  return { rows, pages: response.data.totalPages };
}

async function readChart(symbol, interval) {
  const response = await call(`/api/v1/klines?symbol=${symbol}&interval=${interval}&limit=1000`);
  if (response.data.success !== true) throw new Error("no candles");
  return response.data.data.map((candle) => ({
    time: candle.timestamp / 1000,
    values: [candle.open, candle.high, candle.low, candle.close].map((price) => Number(price.toFixed(8))),
  }));
}

const accepted = await call("/analyze", { symbol: "BTCUSDT", timeframe: "1h", limit: 100 });
const { rows, pages } = await readPage(1);
const found = await readPage(1, "btc");
const detail = (await call(`/api/v1/analysis/${found.rows[0].id}`)).data.data;
const candles = await readChart(detail.symbol, "15m");
const service = (await call("/results?symbol=BTCUSDT&limit=10")).data;
console.log(
  JSON.stringify({
    accepted: accepted.data,
    rows: rows.length,
    pages,
    found: found.rows.map((row) => row.symbol),
    prices: [...rows.map((row) => row.price), detail.last_price.toFixed(4)],
    times: candles.map((candle) => candle.time),
    service: service.map((row) => row.symbol),
    health: (await call("/health")).data.status,
  }),
);
