import { expect, it } from "vitest";
import { formatAgo, formatSpan } from "./time";

const NOW = Date.parse("2026-11-22T12:00:00Z");

it.each([
  [0, "现在"],
  [30, "30秒前"],
  [90, "1分钟前"],
  [7_300, "2小时前"],
  [86_400, "昨天"],
])("formats %d seconds ago as %j", (seconds, text) => {
  expect(formatAgo(NOW - seconds * 1000, NOW, "zh-CN")).toBe(text);
});

it("formats in the given locale", () => {
  expect(formatAgo(NOW - 90_000, NOW, "en-GB")).toMatch(/^1 min\.? ago$/);
  expect(formatSpan(3 * 86_400, "en-GB")).toBe("3 days");
});

it("formats a span in its largest unit, seconds at least", () => {
  expect(formatSpan(0.4, "en")).toBe("0 sec");
  expect(formatSpan(59, "en")).toBe("59 sec");
  expect(formatSpan(3_600, "en")).toBe("1 hr");
});
