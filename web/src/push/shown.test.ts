import { expect, it } from "vitest";
import { readShown } from "./shown";

const FIRE = { title: "BTCUSDT touched 64000", body: "sim spot", tag: "f-1", url: "/chart?symbol=BTCUSDT" };

it("reads what the notifier sends", () => {
  expect(readShown({ ...FIRE, more: 1 })).toEqual(FIRE);
});

it("reads nothing else", () => {
  for (const value of [null, "text", {}, { ...FIRE, title: 1 }, { ...FIRE, tag: undefined }]) expect(readShown(value)).toBeNull();
});

it("opens pages of this site only", () => {
  for (const url of ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", 7]) {
    expect(readShown({ ...FIRE, url })?.url).toBe("/");
  }
});
