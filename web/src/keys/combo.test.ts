import { describe, expect, it } from "vitest";
import { isTyping, nameCombo, takesKeys, type KeyPress } from "./combo";

const press = (key: string, rest: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: "",
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...rest,
});

describe("nameCombo", () => {
  it.each([
    [press("f"), "f"],
    [press("F", { shiftKey: true }), "Shift+F"],
    [press("F"), "f"], // caps lock
    [press("k", { ctrlKey: true }), "Ctrl+K"],
    [press("k", { metaKey: true }), "Ctrl+K"],
    [press("?", { shiftKey: true }), "?"],
    [press("!", { shiftKey: true, code: "Digit1" }), "Shift+1"],
    [press("&", { code: "Digit1" }), "1"], // a French keyboard
    [press("、"), "/"],
    [press("？", { shiftKey: true }), "?"],
    [press("ArrowLeft"), "ArrowLeft"],
  ])("names %o %s", (event, name) => {
    expect(nameCombo(event)).toBe(name);
  });

  it("leaves combinations with the alt key to the browser", () => {
    expect(nameCombo(press("f", { altKey: true }))).toBeNull();
  });
});

it("takes a letter alone for the beginning of a symbol", () => {
  expect(["b", "Shift+B", "1", "Ctrl+B", "[", "Enter"].filter(isTyping)).toEqual(["b"]);
});

it("leaves keys to fields, and takes them from sliders and buttons", () => {
  const of = (html: string) => {
    document.body.innerHTML = html;
    return takesKeys(document.body.firstElementChild);
  };
  expect(of("<input>")).toBe(true);
  expect(of("<select></select>")).toBe(true);
  expect(of('<input type="range">')).toBe(false);
  expect(of("<button></button>")).toBe(false);
  expect(takesKeys(null)).toBe(false);
});
