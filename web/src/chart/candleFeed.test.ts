import { describe, expect, it, vi } from "vitest";
import { CandleFeed } from "./candleFeed";
import type { CandleSpan } from "./candleQuery";
import type { Candle } from "./candles";

const HOUR = 3_600_000;
const NEWEST = Date.UTC(2026, 10, 25, 9);

const candle = (time: number, close = 100): Candle => ({ time, open: 100, high: 110, low: 90, close, volume: 1 });

/** A fake exchange with `count` candles, the newest at NEWEST. */
function exchange(count: number) {
  const all = Array.from({ length: count }, (_, index) => candle(NEWEST - (count - 1 - index) * HOUR));
  return vi.fn(({ limit, before, since }: CandleSpan) => {
    const within = all.filter(({ time }) => (before === undefined || time < before) && (since === undefined || time >= since));
    return Promise.resolve(since === undefined ? within.slice(-limit) : within.slice(0, limit));
  });
}

function openFeed(read: ReturnType<typeof exchange>, now = NEWEST + HOUR / 2) {
  return new CandleFeed(read, "1h", () => now);
}

describe("CandleFeed", () => {
  it("loads the newest page first", async () => {
    const feed = openFeed(exchange(1_500));
    expect(feed.current().loading).toBe(true);
    await feed.load();
    expect(feed.current()).toMatchObject({ loading: false, error: null });
    expect(feed.current().candles).toHaveLength(1_000);
    expect(feed.current().candles.at(-1)?.time).toBe(NEWEST);
  });

  it("loads older pages until there are none", async () => {
    const feed = openFeed(exchange(1_500));
    await feed.load();
    await feed.loadOlder();
    expect(feed.current().candles).toHaveLength(1_500);
    await feed.loadOlder();
    expect(feed.current().older).toBe("exhausted");
  });

  it("requests one older page at a time", async () => {
    const read = exchange(2_500);
    const feed = openFeed(read);
    await feed.load();
    await Promise.all([feed.loadOlder(), feed.loadOlder(), feed.loadOlder()]);
    expect(read).toHaveBeenCalledTimes(2);
    expect(feed.current().candles).toHaveLength(2_000);
  });

  it("keeps its candles when an older page fails, and can retry", async () => {
    const read = exchange(1_500);
    const feed = openFeed(read);
    await feed.load();
    read.mockRejectedValueOnce(new Error("away"));
    await feed.loadOlder();
    expect(feed.current()).toMatchObject({ older: "failed" });
    expect(feed.current().candles).toHaveLength(1_000);
    await feed.loadOlder();
    expect(feed.current().candles).toHaveLength(1_500);
  });

  it("reports the error of the first page, and clears it after a successful load", async () => {
    const read = exchange(10);
    const away = new Error("away");
    read.mockRejectedValueOnce(away);
    const feed = openFeed(read);
    await feed.load();
    expect(feed.current()).toMatchObject({ loading: false, error: away });
    await feed.load();
    expect(feed.current()).toMatchObject({ loading: false, error: null });
  });

  it("moves the last candle with a price, and notifies its listeners", async () => {
    const feed = openFeed(exchange(10));
    await feed.load();
    const listener = vi.fn();
    feed.subscribe(listener);
    feed.applyPrice({ price: 120, at: NEWEST + 1_000 });
    expect(feed.current().candles.at(-1)).toMatchObject({ high: 120, close: 120 });
    feed.applyPrice({ price: 80, at: NEWEST + 500 }); // older than the previous one
    expect(feed.current().candles.at(-1)).toMatchObject({ low: 90, close: 120 });
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it("keeps a recent price over refreshed candles", async () => {
    const feed = openFeed(exchange(10), NEWEST + 2_000);
    await feed.load();
    feed.applyPrice({ price: 120, at: NEWEST + 1_000 });
    await feed.refresh();
    expect(feed.current().candles.at(-1)?.close).toBe(120);
  });

  it("prefers refreshed candles to an old price", async () => {
    const feed = openFeed(exchange(10), NEWEST + 60_000);
    await feed.load();
    feed.applyPrice({ price: 120, at: NEWEST + 1_000 });
    await feed.refresh();
    expect(feed.current().candles.at(-1)?.close).toBe(100);
  });

  it("ignores pending reads after it is closed", async () => {
    const feed = openFeed(exchange(10));
    const loading = feed.load();
    feed.close();
    await loading;
    expect(feed.current().candles).toEqual([]);
  });
});
