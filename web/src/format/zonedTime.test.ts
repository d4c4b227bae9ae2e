import { expect, it, vi } from "vitest";
import { formatStamp, formatZoned, nameZone } from "./zonedTime";

const AT = Date.UTC(2026, 10, 25, 20, 33);

it("writes a time in UTC", () => {
  expect(formatStamp(AT, "utc")).toBe("2026-11-25 20:33");
  expect(formatZoned(AT, "en-GB", "utc")).toBe("25 Nov 2026, 20:33 UTC");
});

it("writes a time in the browser's zone, which it names by its offset", () => {
  const behind = vi.spyOn(Date.prototype, "getTimezoneOffset").mockReturnValue(-330);
  expect(formatStamp(AT, "local")).toBe("2026-11-26 02:03");
  expect(nameZone(AT, "local")).toBe("UTC+5:30");
  behind.mockReturnValue(300);
  expect(nameZone(AT, "local")).toBe("UTC−5");
});
