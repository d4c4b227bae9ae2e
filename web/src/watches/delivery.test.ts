import { describe, expect, it } from "vitest";
import { buildDelivery, findTemplateError, isMuted, toDeliveryDraft, type Delivery } from "./delivery";

const at = (time: string) => Date.parse(`2026-11-28T${time}Z`);
const mute = (start: string, end: string, zone = "UTC"): Delivery => ({ targets: null, template: null, mute: { start, end, zone } });

describe("isMuted", () => {
  it.each([
    ["22:00", "07:00", "23:30", true],
    ["22:00", "07:00", "06:59", true],
    ["22:00", "07:00", "07:00", false],
    ["22:00", "07:00", "21:59", false],
    ["09:00", "17:00", "09:00", true],
    ["09:00", "17:00", "08:59", false],
    ["00:00", "12:00", "00:00", true],
  ])("of %s to %s at %s is %s", (start, end, time, muted) => {
    expect(isMuted(mute(start, end), at(time))).toBe(muted);
  });

  it("is by the clock of its zone, and never in a zone that is unknown", () => {
    expect(isMuted(mute("22:00", "07:00", "Asia/Shanghai"), at("15:00"))).toBe(true);
    expect(isMuted(mute("22:00", "07:00", "Nowhere/City"), at("23:00"))).toBe(false);
    expect(isMuted(null, at("23:00"))).toBe(false);
  });
});

describe("buildDelivery", () => {
  it("is null where nothing is chosen", () => {
    expect(buildDelivery(toDeliveryDraft(null))).toBeNull();
    expect(buildDelivery({ ...toDeliveryDraft(null), targets: [], template: " " })).toBeNull();
  });

  it("returns what was stored", () => {
    const stored = { targets: ["telegram 1"], template: "{symbol}!", mute: { start: "22:00", end: "07:00", zone: "UTC" } };
    expect(buildDelivery(toDeliveryDraft(stored))).toEqual(stored);
  });
});

it.each([
  ["{symbol} at {price}", null],
  ["{{braces}} {note}", null],
  ["{prise}", "{prise}"],
  ["{}", "{}"],
  ["{price:.2f}", "{price:.2f}"],
  ["{symbol", "{"],
  ["a } b", "{"],
])("finds in %j the error %j", (template, error) => {
  expect(findTemplateError(template)).toBe(error);
});
