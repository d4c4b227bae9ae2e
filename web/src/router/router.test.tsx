import { render, screen } from "@testing-library/preact";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { ErrorBoundary, Link, NavLink, Redirect } from "./components";
import { usePathname, useSearchParams } from "./hooks";
import { navigate } from "./location";

beforeEach(() => history.replaceState(null, "", "/"));

function Address() {
  const pathname = usePathname();
  const [search, setSearch] = useSearchParams();
  return (
    <>
      <output>{`${pathname} ${search.toString()}`}</output>
      <button onClick={() => setSearch((known) => ({ page: String(Number(known.get("page")) + 1) }))}>next</button>
      <button onClick={() => setSearch({})}>clear</button>
    </>
  );
}

const address = () => screen.getByRole("status").textContent;

it("follows a link without loading the page", async () => {
  render(
    <>
      <Link to="/chart?symbol=BTCUSDT">chart</Link>
      <Address />
    </>,
  );
  await userEvent.click(screen.getByRole("link"));
  expect(address()).toBe("/chart symbol=BTCUSDT");
});

it("leaves a click with a modifier to the browser", async () => {
  const handled = vi.fn((event: Event) => event.preventDefault());
  document.addEventListener("click", handled);
  render(<Link to="/chart">chart</Link>);
  const user = userEvent.setup();
  await user.keyboard("{Control>}");
  await user.click(screen.getByRole("link"));
  document.removeEventListener("click", handled);
  expect(window.location.pathname).toBe("/");
});

it("changes the search parameters, and removes them all", async () => {
  render(<Address />);
  await userEvent.click(screen.getByText("next"));
  await userEvent.click(screen.getByText("next"));
  expect(address()).toBe("/ page=2");
  await userEvent.click(screen.getByText("clear"));
  expect(window.location.href.endsWith("/")).toBe(true);
});

it("marks the link of the current page", () => {
  history.replaceState(null, "", "/watches");
  render(
    <>
      <NavLink to="/watches">watches</NavLink>
      <NavLink to="/">analysis</NavLink>
    </>,
  );
  expect(screen.getByRole("link", { current: "page" }).textContent).toBe("watches");
});

it("redirects without an entry in the history", () => {
  const before = history.length;
  render(<Redirect to="/chart?id=1" />);
  expect(window.location.search).toBe("?id=1");
  expect(history.length).toBe(before);
});

it("adds an entry to the history for a navigation", () => {
  const before = history.length;
  navigate("/watches");
  expect(history.length).toBe(before + 1);
});

it("shows the fallback for an error", () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const Broken = () => {
    throw new Error("broken");
  };
  render(
    <ErrorBoundary fallback={(error) => <p>{String(error)}</p>}>
      <Broken />
    </ErrorBoundary>,
  );
  expect(screen.getByText("Error: broken")).toBeTruthy();
});
