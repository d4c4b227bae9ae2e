import { expect, it } from "vitest";
import { formatAgo, formatSpan } from "./time";

const NOW = Date.parse("2026-11-22T12:00:00Z");

it.each([
  [0, "现在"],
  [30, "30秒前"],
  [90, "1分钟前"],
  [7_300, "2小时前"],
  [86_400, "昨天"],
])("%d seconds ago is %j", (seconds, written) => {
  expect(formatAgo(NOW - seconds * 1000, NOW, "zh-CN")).toBe(written);
});

it("speaks the reader's language", () => {
  expect(formatAgo(NOW - 90_000, NOW, "en-GB")).toMatch(/^1 min\.? ago$/);
  expect(formatSpan(3 * 86_400, "en-GB")).toBe("3 days");
});

it("writes a span in its greatest unit, and begins at seconds", () => {
  expect(formatSpan(0.4, "en")).toBe("0 sec");
  expect(formatSpan(59, "en")).toBe("59 sec");
  expect(formatSpan(3_600, "en")).toBe("1 hr");
});
