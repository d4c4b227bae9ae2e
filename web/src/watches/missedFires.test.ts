import { afterEach, describe, expect, it, vi } from "vitest";
import { marketChartUrl } from "../format/market";
import { addSeen, EMPTY_LOG, loadFireLog, readFiresAfter, saveFireLog, selectUnseen } from "./missedFires";

const fire = (fire_id: string) => ({ fire_id });

afterEach(() => vi.unstubAllGlobals());

/** Stub an API that answers with these pages in turn; returns the cursors it was asked for. */
function stubFires(...answers: [status: number, body: object][]) {
  const cursors: (string | null)[] = [];
  vi.stubGlobal("fetch", (url: string) => {
    cursors.push(new URL(url, "http://page").searchParams.get("after"));
    const [status, body] = answers.shift() ?? [500, {}];
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
  return cursors;
}

describe("readFiresAfter", () => {
  it("reads page after page, each from the cursor of the one before", async () => {
    const cursors = stubFires(
      [200, { data: [fire("a"), fire("b")], cursor: "2-b", has_more: true }],
      [200, { data: [fire("c")], cursor: "3-", has_more: false }],
    );
    expect(await readFiresAfter("1-")).toEqual({ fires: [fire("a"), fire("b"), fire("c")], cursor: "3-" });
    expect(cursors).toEqual(["1-", "2-b"]);
  });

  it("begins again where the server refuses the cursor", async () => {
    const cursors = stubFires([422, { detail: "no cursor" }], [200, { data: [], cursor: "9-", has_more: false }]);
    expect(await readFiresAfter("old")).toEqual({ fires: [], cursor: "9-" });
    expect(cursors).toEqual(["old", null]);
  });
});

describe("log of fires", () => {
  it("recognises a fire that comes again", () => {
    const log = addSeen(EMPTY_LOG, ["a"]);
    expect(selectUnseen([fire("a"), fire("b")], log)).toEqual([fire("b")]);
  });

  it("keeps the newest ids only", () => {
    const ids = Array.from({ length: 600 }, (_, index) => String(index));
    const { seen } = addSeen(addSeen(EMPTY_LOG, ids), ["599", "new"]);
    expect(seen).toHaveLength(500);
    expect(seen.slice(-3)).toEqual(["598", "599", "new"]);
  });

  it("outlives the page", () => {
    saveFireLog({ cursor: "1-a", seen: ["a"] });
    expect(loadFireLog()).toEqual({ cursor: "1-a", seen: ["a"] });
  });

  it.each(["", "null", "{}", '{"cursor":1,"seen":[]}', "no json"])("is empty where %j is stored", (stored) => {
    localStorage.setItem("strandline.fires", stored);
    expect(loadFireLog()).toEqual(EMPTY_LOG);
  });
});

it("builds the address of a market's chart", () => {
  expect(marketChartUrl({ exchange: "sim", market_type: "spot", symbol: "BTCUSDT" }, "4h")).toBe(
    "/chart?symbol=BTCUSDT&exchange=sim&market_type=spot&interval=4h",
  );
});
