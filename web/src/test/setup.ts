import { cleanup } from "@testing-library/preact";
import { afterEach } from "vitest";

afterEach(() => {
  cleanup();
  document.body.replaceChildren(); // A test may append elements of its own, which the next would meet on its way.
  localStorage.clear();
  sessionStorage.clear();
});
