/** Measures the pages in Chromium and prints one JSON line a figure: `node bench/measure.mjs`, after `make ui`. */
import { chromium } from "@playwright/test";
import { nameMarket, startServer } from "./server.mjs";

const ROUNDS = 5;
const WATCHED = 300;
const LISTED = 1_000;
const HOUR = Number(process.env.BENCH_TICKS ?? 3_600); // rounds of one price a market
const BATCH = 20;
const IDLE_MS = 20_000;
const SCROLL_MS = 4_000;
const SLOW = { offline: false, latency: 40, downloadThroughput: 10e6 / 8, uploadThroughput: 10e6 / 8 };
const CHART = `/chart?symbol=${nameMarket(0)}&exchange=bench&market_type=spot&interval=1m`;
const DRAWN = '[data-testid="level"][data-y]';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--enable-precise-memory-info"],
});
try {
  await measureLoads();
  await measureWatchlist();
  await measureScrolling();
} finally {
  await browser.close();
}

function report(name, unit, value, note, spread) {
  console.log(JSON.stringify({ name, unit, value, note, ...(spread ? { low: Math.min(...spread), high: Math.max(...spread) } : {}) }));
}

function median(values) {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];
}

/** First paint and a drawn chart with an empty cache, 4x CPU slow-down, 10 Mbit/s and 40 ms. */
async function measureLoads() {
  const server = await startServer(WATCHED);
  const paints = [];
  const charts = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    paints.push((await load(server.origin, "/", '[data-testid="result"]')).paint);
    charts.push((await load(server.origin, CHART, DRAWN)).ready);
  }
  server.close();
  const how = "4x CPU slow-down, 10 Mbit/s, 40 ms, empty cache; 300 markets";
  report("first contentful paint of the first page", "s", median(paints) / 1_000, how, paints.map((ms) => ms / 1_000));
  report("chart drawn with its levels", "s", median(charts) / 1_000, how, charts.map((ms) => ms / 1_000));
}

async function load(origin, path, ready) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", SLOW);
  await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await page.addInitScript((selector) => {
    window.shown = new Promise((resolve) => {
      const look = () => (document.querySelector(selector) ? resolve(performance.now()) : requestAnimationFrame(look));
      look();
    });
  }, ready);
  await page.goto(origin + path, { waitUntil: "commit" });
  const times = await page.evaluate(async () => {
    const shown = await window.shown;
    return { ready: shown, paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? shown };
  });
  await context.close();
  return times;
}

/** Heap and nodes before and after an hour of ticks of 300 markets, and the CPU of a page that nobody touches. */
async function measureWatchlist() {
  const server = await startServer(WATCHED);
  const { page, session, context } = await open(server.origin + CHART, ".watchlist-row");
  while (server.streams() === 0) await page.waitForTimeout(50);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await sendTicks(server, page, 120);
  const idle = setInterval(() => void server.tick(1), 1_000);
  await page.waitForTimeout(2_000);
  const before = await readBusySeconds(session);
  await page.waitForTimeout(IDLE_MS);
  const busy = (await readBusySeconds(session)) - before;
  clearInterval(idle);
  report("idle chart with a watchlist of 300 markets, CPU", "% of a core", (busy / (IDLE_MS / 1_000)) * 100, "main thread of the page, each market ticking once a second");
  const start = await readMemory(session);
  await sendTicks(server, page, HOUR);
  const end = await readMemory(session);
  const note = `after ${(WATCHED * HOUR).toLocaleString("en")} prices, as many as 300 markets have in an hour at one a second; baseline: before them`;
  report("heap of that page", "MB", end.heap, note);
  report("heap of that page before the hour", "MB", start.heap, "");
  report("DOM nodes of that page", "", end.nodes, note);
  report("DOM nodes of that page before the hour", "", start.nodes, "");
  await context.close();
  server.close();
}

async function sendTicks(server, page, rounds) {
  for (let sent = 0; sent < rounds; sent += BATCH) {
    await server.tick(Math.min(BATCH, rounds - sent));
    await page.evaluate(() => new Promise(requestAnimationFrame)); // the page keeps up
  }
  await page.waitForTimeout(1_000);
}

async function readBusySeconds(session) {
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration").value;
}

async function readMemory(session) {
  for (let round = 0; round < 3; round += 1) await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  const { nodes } = await session.send("Memory.getDOMCounters");
  return { heap: usedSize / 1e6, nodes };
}

/** Frames a second while 1,000 rows are scrolled, with prices arriving. */
async function measureScrolling() {
  const server = await startServer(LISTED);
  const { page, context } = await open(`${server.origin}/`, '[data-testid="result"]');
  const idle = setInterval(() => void server.tick(1), 1_000);
  const frames = await page.evaluate(async (milliseconds) => {
    const scroller = document.querySelector('[data-testid="results"]');
    const times = [];
    await new Promise((done) => {
      const began = performance.now();
      const step = (now) => {
        times.push(now);
        scroller.scrollTop += 40;
        if (now - began < milliseconds) requestAnimationFrame(step);
        else done();
      };
      requestAnimationFrame(step);
    });
    return times.slice(1).map((time, index) => time - times[index]);
  }, SCROLL_MS);
  clearInterval(idle);
  const seconds = frames.reduce((sum, ms) => sum + ms, 0) / 1_000;
  const late = frames.filter((ms) => ms > 25).length;
  report("scrolling 1,000 rows of the list", "frames/s", frames.length / seconds, `2,400 pixels a second, without a GPU; ${late} of ${frames.length} frames late`);
  await context.close();
  server.close();
}

async function open(address, ready) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await page.goto(address);
  await page.locator(ready).first().waitFor();
  await page.waitForTimeout(2_000);
  return { context, page, session };
}
