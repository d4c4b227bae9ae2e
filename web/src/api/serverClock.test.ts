import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { observeDate, onClockChange, serverNow } from "./serverClock";

const NOON = Date.parse("2026-11-28T12:00:00Z");
const header = (ms: number) => new Date(ms).toUTCString();

describe("server clock", () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOON }));
  afterEach(() => {
    observeDate(header(Date.now()), Date.now());
    vi.useRealTimers();
  });

  it.each([-3_600_000, 5_000, 86_400_000])("follows a server that is %d ms ahead", (ahead) => {
    const changed = vi.fn();
    const stop = onClockChange(changed);
    observeDate(header(NOON + ahead), NOON - 100);
    expect(Math.abs(serverNow() - (NOON + ahead))).toBeLessThan(1000);
    observeDate(header(NOON + ahead), NOON - 300);
    expect(changed).toHaveBeenCalledTimes(1);
    stop();
  });

  it("keeps the browser's time where both agree", () => {
    observeDate(header(NOON - 999), NOON - 200);
    expect(serverNow()).toBe(NOON);
  });

  it("ignores an answer without a date, or one that took long", () => {
    observeDate(null, NOON - 10);
    observeDate(header(NOON + 60_000), NOON - 2500);
    expect(serverNow()).toBe(NOON);
  });
});
