import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LatestPrices } from "./prices";

const tick = (price: number, at: string, symbol = "BTCUSDT") => ({
  exchange: "sim",
  market_type: "spot",
  symbol,
  price,
  at,
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("keeps the latest tick of each market, whatever the order of arrival", () => {
  const prices = new LatestPrices();
  prices.note(tick(2, "2026-11-22T12:00:02Z"));
  prices.note(tick(1, "2026-11-22T12:00:01Z"));
  prices.note(tick(9, "2026-11-22T12:00:00Z", "ETHUSDT"));
  expect(prices.of("sim:spot:BTCUSDT")?.price).toBe(2);
  expect(prices.of("sim:spot:ETHUSDT")?.price).toBe(9);
});

it("tells who watches a market once for many ticks, and nobody else", () => {
  const prices = new LatestPrices();
  const bitcoin = vi.fn();
  const ether = vi.fn();
  prices.watch("sim:spot:BTCUSDT", bitcoin);
  prices.watch("sim:spot:ETHUSDT", ether);
  for (let second = 0; second < 50; second += 1) prices.note(tick(second, `2026-11-22T12:00:${second + 10}Z`));
  vi.advanceTimersByTime(250);
  expect(bitcoin).toHaveBeenCalledOnce();
  expect(ether).not.toHaveBeenCalled();
});

it("tells no more who has gone", () => {
  const prices = new LatestPrices();
  const watcher = vi.fn();
  prices.watch("sim:spot:BTCUSDT", watcher)();
  prices.note(tick(1, "2026-11-22T12:00:00Z"));
  vi.advanceTimersByTime(250);
  expect(watcher).not.toHaveBeenCalled();
});
