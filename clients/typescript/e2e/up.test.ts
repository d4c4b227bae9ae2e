/** The built package against a running `strandline up`, whose address is in STRANDLINE_URL. */
import { expect, it } from "vitest";
import { AnalysisFailed, Client, NotFound, Refused } from "@strandline/client";

declare const process: { env: Record<string, string | undefined> };

const url = process.env["STRANDLINE_URL"] ?? "";
const client = new Client({ url });
const MARKET = "sim:spot:XRPUSDT:4h";

it("reads what it asked for", async () => {
  const result = await client.analyze({ symbol: "XRP/USDT", timeframe: "4h" });
  expect(result.levels?.length).toBeGreaterThan(0);
  expect((await client.resultOf(MARKET)).levels).toEqual((await client.result(result.id)).levels);
  expect((await client.history(MARKET)).items[0]?.support_levels).toEqual(result.support_levels);
  expect((await client.results({ symbol: "XRP", timeframe: "4h" })).items.map((one) => one.id)).toEqual([result.id]);
  const all = new Map<string, number | undefined>();
  for await (const one of client.allResults({ symbol: "XRP" })) all.set(one.timeframe, one.levels?.length);
  expect(all.get("4h")).toBe(result.levels?.length);
  const events = await client.levelEvents(MARKET, result.levels?.[0]?.level_id ?? "");
  expect(events.every((event) => event.market.timeframe === "4h")).toBe(true);
  expect((await client.nearLevels({ within_pct: 5, fresh: false })).every((near) => near.distance_pct <= 5)).toBe(true);
  const exported = await client.exportLevels(MARKET, new Date(Date.parse(result.candle_at ?? "") - 8 * 3_600_000));
  expect(await exported.text()).toMatch(/known_from.*\n.+/);
  expect((await client.candles(MARKET, { limit: 3 })).map((one) => one.is_closed)).toEqual([true, true, false]);
  await expect(client.resultOf(MARKET, { at: new Date(0) })).rejects.toThrow(NotFound);
  await expect(client.analyze({ symbol: "NOSUCH/USDT" })).rejects.toThrow(AnalysisFailed);
});

it("asks for many, and finds their jobs", async () => {
  const { accepted, refused } = await client.requestMany([{ symbol: "XRPUSDT" }, { symbol: "XRPUSDT", limit: 0 }]);
  expect([accepted.map((one) => one.index), refused.map((one) => one.index)]).toEqual([[0], [1]]);
  const [job] = await client.jobs(accepted.map((one) => one.request_id));
  expect(job?.market).toBe("sim:spot:XRPUSDT:1h");
});

it("keeps watches", async () => {
  const target = Math.ceil((await client.analyze({ symbol: "XRP/USDT", timeframe: "4h" })).last_price * 5);
  const watch = await client.createWatch({ symbol: "XRPUSDT", condition: "touch", target, side: "short" });
  expect(watch.target).toBe(target);
  expect((await client.changeWatch(watch.id, { note: "far away" })).note).toBe("far away");
  expect((await client.watches({ symbol: "XRPUSDT" })).items.map((one) => one.id)).toEqual([watch.id]);
  expect(await client.fires(watch.id)).toEqual([]);
  await client.deleteWatch(watch.id);
  await expect(client.watch(watch.id)).rejects.toThrow(NotFound);
  expect((await client.restoreWatch(watch.id)).state).toBe(watch.state);
  await client.deleteWatch(watch.id);
  await expect(client.createWatch({ symbol: "XRPUSDT", condition: "touch", side: "short" })).rejects.toThrow(Refused);
});

it("keeps standing watches", async () => {
  const question = { within_pct: 0.01, timeframe: "4h", markets: ["sim:spot:XRPUSDT"] };
  const watch = await client.createStandingWatch({ name: "near XRP", question });
  expect([watch.question.within_pct, watch.state]).toEqual([0.01, "active"]);
  expect((await client.changeStandingWatch(watch.id, { state: "paused" })).state).toBe("paused");
  expect((await client.standingWatches()).map((one) => one.id)).toContain(watch.id);
  await client.deleteStandingWatch(watch.id);
  expect((await client.standingWatches()).map((one) => one.id)).not.toContain(watch.id);
});

it("finds markets", async () => {
  const [market] = await client.markets({ search: "XRPUSDT", market_type: "spot" });
  expect([market?.exchange, market?.symbol]).toEqual(["sim", "XRPUSDT"]);
});

it("receives the event of what it asked for", async () => {
  let asked: string | undefined;
  for await (const event of client.stream({ types: ["price", "result"], market: "XRPUSDT" })) {
    // A price: from here on the stream is open.
    if (event.kind === "price") asked ??= await client.request({ symbol: "XRP/USDT", timeframe: "12h" });
    else if (asked !== undefined && event.data.request_ids.includes(asked)) {
      expect(event.data.market.timeframe).toBe("12h");
      break;
    }
  }
  expect((await client.job(asked ?? "")).market).toBe("sim:spot:XRPUSDT:12h");
});
