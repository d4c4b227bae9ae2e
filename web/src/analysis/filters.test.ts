import { describe, expect, it } from "vitest";
import { readFilters, hasFilters, toSearchParams, updateFilters } from "./filters";

const read = (search: string) => readFilters(new URLSearchParams(search));

describe("filters in the address", () => {
  it("survive a round trip", () => {
    const search = "symbol=btc%2Fusdt&exchange=sim&market_type=spot&timeframe=1h&page=3";
    expect(toSearchParams(read(search)).toString()).toBe(search);
    expect(toSearchParams(read("")).toString()).toBe("");
  });

  it.each(["page=0", "page=-1", "page=x", "page=1.5", ""])("use the first page for %j", (search) => {
    expect(read(search).page).toBe(1);
  });

  it("return to the first page when they change", () => {
    expect(updateFilters(read("page=3"), { timeframe: "4h" })).toMatchObject({ page: 1, timeframe: "4h" });
    expect(updateFilters(read("symbol=btc"), { page: 2 })).toMatchObject({ page: 2, symbol: "btc" });
  });

  it("report whether any filter is set", () => {
    expect(hasFilters(read("page=2"))).toBe(false);
    expect(hasFilters(read("symbol=b"))).toBe(true);
  });
});
