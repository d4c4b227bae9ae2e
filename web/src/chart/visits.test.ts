import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Candle } from "./candles";
import { type Visit, findVisits } from "./visits";

interface Golden {
  candles: [number, number, number, number, number, number][];
  levels: { level_id: string; low: number; high: number; visits: [number, number, string, string][] }[];
}

const FILE = join(import.meta.dirname, "../../../tests/data/levels/visits.json");
const golden = JSON.parse(readFileSync(FILE, "utf8")) as Golden;
const candles: Candle[] = golden.candles.map(([time, open, high, low, close, volume]) => ({
  time,
  open,
  high,
  low,
  close,
  volume,
}));
const toGolden = ({ at, until, from, outcome }: Visit) => [at, until, from, outcome];

describe("visitsOf", () => {
  it.each(golden.levels)("finds the visits of $level_id that the core counted", (level) => {
    expect(level.visits.length).toBeGreaterThan(0);
    expect(findVisits(candles, level).map(toGolden)).toEqual(level.visits);
  });

  it("finds the later visits in candles that begin after the anchor", () => {
    const [level] = golden.levels as [Golden["levels"][number]];
    const later = candles.slice(200);
    const [first] = later as [Candle];
    const shown = level.visits.filter(([at]) => at >= first.time).map(([at]) => at);
    expect(shown.length).toBeGreaterThan(0);
    expect(findVisits(later, level).map(({ at }) => at)).toEqual(expect.arrayContaining(shown));
  });

  it("returns no visit to a zone that price never reached", () => {
    expect(findVisits(candles, { level_id: "S0", low: 1, high: 2 })).toEqual([]);
    expect(findVisits([], { level_id: "S0", low: 1, high: 2 })).toEqual([]);
  });

  it("leaves a visit undecided while price is in the zone", () => {
    const flat = { open: 100, high: 101, low: 99, close: 100, volume: 1 };
    const bars = [0, 1, 2].map((time) => ({ time, ...flat }));
    expect(findVisits(bars, { level_id: "R0", low: 99.5, high: 100.5 })).toEqual([
      { at: 0, until: 2, from: "below", outcome: "undecided" },
    ]);
  });
});
