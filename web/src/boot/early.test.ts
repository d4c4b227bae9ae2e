import { afterEach, expect, it, vi } from "vitest";
import { get } from "../api/client";
import { askEarly, takeEarly } from "./early";

afterEach(() => {
  delete window.earlyAnswers;
  vi.useRealTimers();
});

it("answers the first call for its URL, and no other", async () => {
  const stub = vi.fn<typeof fetch>(() => Promise.resolve(new Response('{"data": [], "default": "sim", "simulated": []}')));
  vi.stubGlobal("fetch", stub);
  await askEarly("/api/v1/exchanges");
  expect(await get("/api/v1/exchanges")).toMatchObject({ default: "sim" });
  expect(stub).toHaveBeenCalledTimes(1);
  await get("/api/v1/exchanges");
  expect(stub).toHaveBeenCalledTimes(2);
});

it("is not used when it is old", () => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("{}")));
  void askEarly("/x");
  vi.advanceTimersByTime(60_001);
  expect(takeEarly("/x")).toBeNull();
});
