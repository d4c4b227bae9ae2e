import { describe, expect, it } from "vitest";
import { readQuestion, toQuery, toSearchParams } from "./question";

const read = (address: string) => readQuestion(new URLSearchParams(address));

describe("question of the screener", () => {
  it("survives the address", () => {
    const address = "side=support&within=0.5atr&visits=fresh&exchange=sim&timeframe=1h&sort=reach";
    expect(toSearchParams(read(address)).toString()).toBe(address);
  });

  it("leaves its defaults out of the address, and ignores what it does not know", () => {
    expect(toSearchParams(read("side=up&within=9&sort=distance&other=1")).toString()).toBe("");
  });

  it("asks for a distance in ATR or in percent", () => {
    expect(toQuery(read("within=0.5atr"))).toEqual({ within_atr: 0.5, exchange: "", timeframe: "" });
    expect(toQuery(read("within=3pct&visits=tested"))).toEqual({
      within_pct: 3,
      fresh: false,
      exchange: "",
      timeframe: "",
    });
  });
});
