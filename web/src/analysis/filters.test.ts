import { describe, expect, it } from "vitest";
import { changed, filtersOf, isFiltered, searchOf } from "./filters";

const of = (written: string) => filtersOf(new URLSearchParams(written));

describe("the filters in an address", () => {
  it("come back as they were", () => {
    const written = "symbol=btc%2Fusdt&exchange=sim&market_type=spot&timeframe=1h&page=3";
    expect(searchOf(of(written)).toString()).toBe(written);
    expect(searchOf(of("")).toString()).toBe("");
  });

  it.each(["page=0", "page=-1", "page=x", "page=1.5", ""])("begin at the first page for %j", (written) => {
    expect(of(written).page).toBe(1);
  });

  it("lead back to the first page when they change", () => {
    expect(changed(of("page=3"), { timeframe: "4h" })).toMatchObject({ page: 1, timeframe: "4h" });
    expect(changed(of("symbol=btc"), { page: 2 })).toMatchObject({ page: 2, symbol: "btc" });
  });

  it("know whether they leave anything out", () => {
    expect(isFiltered(of("page=2"))).toBe(false);
    expect(isFiltered(of("symbol=b"))).toBe(true);
  });
});
