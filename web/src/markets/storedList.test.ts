import { expect, it, vi } from "vitest";
import { StoredList } from "./storedList";

it("keeps the newest first, each once, and at most so many", () => {
  const list = new StoredList("test", 2);
  for (const value of ["a", "b", "a", "c"]) list.addFirst(value);
  expect(list.current()).toEqual(["c", "a"]);
  expect(new StoredList("test", 2).current()).toEqual(["c", "a"]);
});

it("toggles a value, and notifies", () => {
  const list = new StoredList("test", 10);
  const listener = vi.fn();
  list.subscribe(listener);
  list.toggle("a");
  list.toggle("b");
  list.toggle("a");
  expect(list.current()).toEqual(["b"]);
  expect(listener).toHaveBeenCalledTimes(3);
});

it("reads again what another window has changed", () => {
  const list = new StoredList("test", 10);
  list.subscribe(() => undefined);
  expect(list.current()).toEqual([]);
  localStorage.setItem("strandline.test", '["x"]');
  window.dispatchEvent(new StorageEvent("storage", { key: "strandline.test" }));
  expect(list.current()).toEqual(["x"]);
});

it("takes anything else in the storage for an empty list", () => {
  localStorage.setItem("strandline.test", '{"a": 1}');
  expect(new StoredList("test", 10).current()).toEqual([]);
  localStorage.setItem("strandline.test", "no json");
  expect(new StoredList("test", 10).current()).toEqual([]);
});
