import { expect, it } from "vitest";
import type { Watch } from "./draft";
import { replaceWatch } from "./useWatches";

const SAVED = { id: "a", target: 2 } as Watch;

it("replaces the watch with that id in a page and in a list", () => {
  const list = [{ id: "a", target: 1 }, { id: "b", target: 1 }];
  const replaced = [SAVED, { id: "b", target: 1 }];
  expect(replaceWatch(list, SAVED)).toEqual(replaced);
  expect(replaceWatch({ data: list, total: 2 }, SAVED)).toEqual({ data: replaced, total: 2 });
});

it("leaves what has no watches as it is", () => {
  for (const other of [undefined, null, 3, "a", { data: 1 }, { data: [{ fire_id: "a" }] }]) {
    expect(replaceWatch(other, SAVED)).toEqual(other);
  }
});
