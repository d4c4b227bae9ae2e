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

it("keeps the latest tick of each market when ticks arrive out of order", () => {
  const prices = new LatestPrices();
  prices.update(tick(2, "2026-11-22T12:00:02Z"));
  prices.update(tick(1, "2026-11-22T12:00:01Z"));
  prices.update(tick(9, "2026-11-22T12:00:00Z", "ETHUSDT"));
  expect(prices.get("sim:spot:BTCUSDT")?.price).toBe(2);
  expect(prices.get("sim:spot:ETHUSDT")?.price).toBe(9);
});

it("notifies the listeners of one market once for many ticks, and no others", () => {
  const prices = new LatestPrices();
  const bitcoin = vi.fn();
  const ether = vi.fn();
  prices.subscribe("sim:spot:BTCUSDT", bitcoin);
  prices.subscribe("sim:spot:ETHUSDT", ether);
  for (let second = 0; second < 50; second += 1) prices.update(tick(second, `2026-11-22T12:00:${second + 10}Z`));
  vi.advanceTimersByTime(250);
  expect(bitcoin).toHaveBeenCalledOnce();
  expect(ether).not.toHaveBeenCalled();
});

it("stops calling an unsubscribed listener", () => {
  const prices = new LatestPrices();
  const listener = vi.fn();
  prices.subscribe("sim:spot:BTCUSDT", listener)();
  prices.update(tick(1, "2026-11-22T12:00:00Z"));
  vi.advanceTimersByTime(250);
  expect(listener).not.toHaveBeenCalled();
});
