import { expect, it } from "vitest";
import { en } from "./en";
import { preferred } from "./messages";
import { zh } from "./zh";

it("speaks the first of the reader's languages that it knows", () => {
  expect(preferred(["fr-FR", "zh-TW", "en"])).toBe("zh");
  expect(preferred(["en-US", "zh"])).toBe("en");
  expect(preferred(["fr"])).toBe("en");
});

/** That nothing is missing, the compiler sees; that nothing is empty, it does not. */
it("says something for every message, in every language", () => {
  const empty = (messages: object, path = ""): string[] =>
    Object.entries(messages).flatMap(([name, message]: [string, unknown]) =>
      typeof message === "object" && message !== null ? empty(message, `${path}${name}.`) : message === "" ? [path + name] : [],
    );
  expect(empty(en)).toEqual([]);
  expect(empty(zh)).toEqual([]);
});
