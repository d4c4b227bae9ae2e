import { act, render, screen } from "@testing-library/preact";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { en } from "../i18n/en";
import { LanguageProvider } from "../i18n/language";
import { useToasts, type ToastQueue } from "../ui/toasts";
import { Toasts } from "./Toasts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function renderToasts(): ToastQueue {
  let queue: ToastQueue | undefined;
  const Page = () => {
    const toasts = useToasts();
    queue = toasts;
    return null;
  };
  render(
    <LanguageProvider initial={{ language: "en", messages: en }}>
      <Toasts>
        <Page />
      </Toasts>
    </LanguageProvider>,
  );
  if (!queue) throw new Error("not rendered");
  return queue;
}

const shown = () => screen.queryAllByTestId("toast").map((toast) => toast.querySelector(".toast-title")?.textContent);
const add = (queue: ToastQueue, title: string, id?: string) => act(() => queue.add({ title, ...(id ? { id } : {}) }));

it("shows four notifications, and the next when one of them ends", async () => {
  const queue = renderToasts();
  for (const title of ["1", "2", "3", "4"]) await add(queue, title);
  await act(() => void vi.advanceTimersByTime(2_000));
  await add(queue, "5");
  expect(shown()).toEqual(["1", "2", "3", "4"]);
  await act(() => void vi.advanceTimersByTime(3_000));
  expect(shown()).toEqual(["5"]);
  await act(() => void vi.advanceTimersByTime(5_000));
  expect(shown()).toEqual([]);
});

it("replaces a notification that has the same id", async () => {
  const queue = renderToasts();
  await add(queue, "before", "fire-1");
  await add(queue, "after", "fire-1");
  expect(shown()).toEqual(["after"]);
});

it("keeps notifications while the tab is hidden", async () => {
  const queue = renderToasts();
  const visibility = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  await act(() => void document.dispatchEvent(new Event("visibilitychange")));
  await add(queue, "fired");
  await act(() => void vi.advanceTimersByTime(60_000));
  expect(shown()).toEqual(["fired"]);
  visibility.mockReturnValue("visible");
  await act(() => void document.dispatchEvent(new Event("visibilitychange")));
  await act(() => void vi.advanceTimersByTime(5_000));
  expect(shown()).toEqual([]);
});
