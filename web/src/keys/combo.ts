/** Names of key combinations, and which of them the pages may take. Pure. */

export interface KeyPress {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** What a Chinese input method types with the keys of these characters. */
const FULL_WIDTH: Readonly<Record<string, string>> = { "、": "/", "？": "?", "【": "[", "】": "]" };

const DIGIT = /^Digit(\d)$/;

/** Name a combination: `/`, `1`, `Shift+F`, `Shift+1`, `Ctrl+K` (the command key counts as Ctrl). Null with the alt key. */
export function nameCombo({ key, code, ctrlKey, metaKey, altKey, shiftKey }: KeyPress): string | null {
  if (altKey) return null;
  const plain = FULL_WIDTH[key] ?? key;
  const control = ctrlKey || metaKey ? "Ctrl+" : "";
  const [, digit] = DIGIT.exec(code) ?? [];
  if (digit !== undefined) return `${control}${shiftKey ? "Shift+" : ""}${digit}`;
  if (/^[a-z]$/i.test(plain)) return `${control}${shiftKey ? "Shift+" : ""}${control || shiftKey ? plain.toUpperCase() : plain.toLowerCase()}`;
  return control + plain;
}

/** Whether a combination is the beginning of a symbol: a letter alone. */
export function isTyping(combo: string): boolean {
  return /^[a-z]$/.test(combo);
}

/** Whether keys belong to the element with the focus: a field to type in, or a list. */
export function takesKeys(element: Element | null): boolean {
  return element?.matches("input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable=true]") ?? false;
}
