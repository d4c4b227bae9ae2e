import { afterEach, expect, it } from "vitest";
import { markTab } from "./tabMark";

let visibility = "visible";
Object.defineProperty(document, "visibilityState", { configurable: true, get: () => visibility });

function show(next: string) {
  visibility = next;
  document.dispatchEvent(new Event("visibilitychange"));
}

afterEach(() => show("visible"));

it("counts the fires of a hidden tab, and forgets them when it is shown", () => {
  document.head.innerHTML = '<link rel="icon" href="/mark.svg">';
  document.title = "BTCUSDT 64,000 · Strandline";
  const icon = document.querySelector<HTMLLinkElement>("link");
  const plain = icon?.href;
  show("hidden");
  markTab();
  markTab();
  expect(document.title).toBe("(2) BTCUSDT 64,000 · Strandline");
  expect(icon?.href).toMatch(/^data:image\/svg\+xml,.*circle/);
  show("visible");
  expect(document.title).toBe("BTCUSDT 64,000 · Strandline");
  expect(icon?.href).toBe(plain);
});

it("leaves the tab that is shown as it is", () => {
  document.title = "Strandline";
  markTab();
  expect(document.title).toBe("Strandline");
});
