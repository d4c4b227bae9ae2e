import { describe, expect, it } from "vitest";
import { hasFilters, readFilters, sortBy, toSearchParams } from "./filters";

const read = (search: string) => readFilters(new URLSearchParams(search));

describe("filters in the address", () => {
  it.each([
    "symbol=btc%2Fusdt&exchange=sim&market_type=spot&timeframe=1h",
    "side=support&touched=fresh&within=1.5&reach=30&sort=-reach",
    "sort=-distance",
    "sort=symbol",
    "",
  ])("survive a round trip: %s", (search) => {
    expect(toSearchParams(read(search)).toString()).toBe(search);
  });

  it("ignore what is none", () => {
    expect(read("side=left&touched=never&within=-1&reach=x&sort=-nothing")).toEqual(read(""));
  });

  it("report whether any is set", () => {
    expect(hasFilters(read("sort=symbol"))).toBe(false);
    expect(hasFilters(read("symbol=b"))).toBe(true);
    expect(hasFilters(read("within=2"))).toBe(true);
  });
});

it("orders by a column, and the other way round by it again", () => {
  const once = sortBy(read(""), "symbol");
  expect(toSearchParams(once).toString()).toBe("sort=symbol");
  expect(toSearchParams(sortBy(once, "symbol")).toString()).toBe("sort=-symbol");
  expect(toSearchParams(sortBy(once, "reach")).toString()).toBe("sort=-reach");
});
