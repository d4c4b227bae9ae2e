import { describe, expect, it, vi } from "vitest";
import { CandleFeed, type Span } from "./candleFeed";
import type { Candle } from "./candles";

const HOUR = 3_600_000;
const NEWEST = Date.UTC(2026, 10, 25, 9);

const candle = (time: number, close = 100): Candle => ({ time, open: 100, high: 110, low: 90, close, volume: 1 });

/** An exchange with so many candles, the newest at NEWEST. */
function exchange(count: number) {
  const all = Array.from({ length: count }, (_, index) => candle(NEWEST - (count - 1 - index) * HOUR));
  return vi.fn(({ limit, before, since }: Span) => {
    const within = all.filter(({ time }) => (before === undefined || time < before) && (since === undefined || time >= since));
    return Promise.resolve(since === undefined ? within.slice(-limit) : within.slice(0, limit));
  });
}

function opened(read: ReturnType<typeof exchange>, now = NEWEST + HOUR / 2) {
  return new CandleFeed(read, "1h", () => now);
}

describe("CandleFeed", () => {
  it("begins with the newest page", async () => {
    const feed = opened(exchange(1_500));
    expect(feed.current().loading).toBe(true);
    await feed.load();
    expect(feed.current()).toMatchObject({ loading: false, error: null });
    expect(feed.current().candles).toHaveLength(1_000);
    expect(feed.current().candles.at(-1)?.time).toBe(NEWEST);
  });

  it("loads older pages until there are none", async () => {
    const feed = opened(exchange(1_500));
    await feed.load();
    await feed.loadOlder();
    expect(feed.current().candles).toHaveLength(1_500);
    await feed.loadOlder();
    expect(feed.current().older).toBe("exhausted");
  });

  it("asks for one older page at a time", async () => {
    const read = exchange(2_500);
    const feed = opened(read);
    await feed.load();
    await Promise.all([feed.loadOlder(), feed.loadOlder(), feed.loadOlder()]);
    expect(read).toHaveBeenCalledTimes(2);
    expect(feed.current().candles).toHaveLength(2_000);
  });

  it("keeps what it has when an older page fails, and can be asked again", async () => {
    const read = exchange(1_500);
    const feed = opened(read);
    await feed.load();
    read.mockRejectedValueOnce(new Error("away"));
    await feed.loadOlder();
    expect(feed.current()).toMatchObject({ older: "failed" });
    expect(feed.current().candles).toHaveLength(1_000);
    await feed.loadOlder();
    expect(feed.current().candles).toHaveLength(1_500);
  });

  it("says why the first page failed, and forgets it once one came", async () => {
    const read = exchange(10);
    const away = new Error("away");
    read.mockRejectedValueOnce(away);
    const feed = opened(read);
    await feed.load();
    expect(feed.current()).toMatchObject({ loading: false, error: away });
    await feed.load();
    expect(feed.current()).toMatchObject({ loading: false, error: null });
  });

  it("moves the last candle with a price, and tells who watches", async () => {
    const feed = opened(exchange(10));
    await feed.load();
    const watcher = vi.fn();
    feed.subscribe(watcher);
    feed.priced({ price: 120, at: NEWEST + 1_000 });
    expect(feed.current().candles.at(-1)).toMatchObject({ high: 120, close: 120 });
    feed.priced({ price: 80, at: NEWEST + 500 }); // overtaken by the one before
    expect(feed.current().candles.at(-1)).toMatchObject({ low: 90, close: 120 });
    expect(watcher).toHaveBeenCalledTimes(1);
  });

  it("does not let a refresh undo a price that just came", async () => {
    const feed = opened(exchange(10), NEWEST + 2_000);
    await feed.load();
    feed.priced({ price: 120, at: NEWEST + 1_000 });
    await feed.refresh();
    expect(feed.current().candles.at(-1)?.close).toBe(120);
  });

  it("believes a refresh more than an old price", async () => {
    const feed = opened(exchange(10), NEWEST + 60_000);
    await feed.load();
    feed.priced({ price: 120, at: NEWEST + 1_000 });
    await feed.refresh();
    expect(feed.current().candles.at(-1)?.close).toBe(100);
  });

  it("changes no more once it is closed", async () => {
    const feed = opened(exchange(10));
    const loading = feed.load();
    feed.close();
    await loading;
    expect(feed.current().candles).toEqual([]);
  });
});
