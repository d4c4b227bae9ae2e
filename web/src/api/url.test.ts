import { expect, it } from "vitest";
import { buildUrl } from "./url";

it("fills in the names, and appends only the parameters that are set", () => {
  expect(buildUrl("/api/v1/watches/{watch_id}/fires", { watch_id: "a/b" })).toBe("/api/v1/watches/a%2Fb/fires");
  expect(buildUrl("/x", {}, { a: "", b: null, c: undefined, d: 0, e: "btc/usdt" })).toBe("/x?d=0&e=btc%2Fusdt");
});
