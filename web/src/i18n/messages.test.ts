import { expect, it } from "vitest";
import { en } from "./en";
import { pickLanguage } from "./messages";
import { zh } from "./zh";

it("picks the first supported language of the browser's preferences", () => {
  expect(pickLanguage(["fr-FR", "zh-TW", "en"])).toBe("zh");
  expect(pickLanguage(["en-US", "zh"])).toBe("en");
  expect(pickLanguage(["fr"])).toBe("en");
});

/** The compiler reports a missing text; an empty one it does not. */
it("has no empty text in any language", () => {
  const empty = (messages: object, path = ""): string[] =>
    Object.entries(messages).flatMap(([name, message]: [string, unknown]) =>
      typeof message === "object" && message !== null ? empty(message, `${path}${name}.`) : message === "" ? [path + name] : [],
    );
  expect(empty(en)).toEqual([]);
  expect(empty(zh)).toEqual([]);
});
