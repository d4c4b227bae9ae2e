import { Toast } from "@base-ui/react/toast";
import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { LanguageProvider } from "../i18n/language";
import { queryClient } from "../shell/queries";
import type { WatchBody, WatchSubject } from "./draft";
import { WatchDialog } from "./WatchDialog";

const SUBJECT: WatchSubject = {
  exchange: "sim",
  market_type: "spot",
  symbol: "BTCUSDT",
  timeframe: "1h",
  level: { level_id: "r-1", side: "resistance", price: 70_000 },
};
const WATCH = { symbol: "BTCUSDT", target: 70_000, side: "short" };

type Answer = [status: number, body: object];

/** An API that answers in turn; what it was sent. */
function api(...answers: Answer[]) {
  const bodies: WatchBody[] = [];
  const keys: (string | null)[] = [];
  vi.stubGlobal("fetch", (_: string, init: RequestInit) => {
    bodies.push(JSON.parse(init.body as string) as WatchBody);
    keys.push((init.headers as Headers).get("X-API-Key"));
    const [status, body] = answers.shift() ?? [500, {}];
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
  return { bodies, keys };
}

function open() {
  const onClose = vi.fn();
  render(
    <QueryClientProvider client={queryClient()}>
      <LanguageProvider initial="en">
        <Toast.Provider>
          <WatchDialog subject={SUBJECT} onClose={onClose} />
        </Toast.Provider>
      </LanguageProvider>
    </QueryClientProvider>,
  );
  return onClose;
}

const save = () => userEvent.click(screen.getByTestId("save-watch"));

it("makes a watch that is short at a resistance, and closes", async () => {
  const { bodies } = api([201, { data: WATCH }]);
  const onClose = open();
  expect(screen.getByRole("radio", { name: "Short", checked: true })).toBeTruthy();
  await save();
  await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
  expect(bodies).toMatchObject([{ symbol: "BTCUSDT", level_id: "r-1", side: "short", condition: "touch" }]);
});

it("sends what may have been taken again under the same key, and what was changed under another", async () => {
  const away: Answer = [503, { detail: "the database does not answer" }];
  const { bodies } = api(away, away, [201, { data: WATCH }]);
  const onClose = open();
  await save();
  await screen.findByText("the database does not answer");
  await save();
  await waitFor(() => expect(bodies).toHaveLength(2));
  await screen.findByText("the database does not answer");
  await userEvent.click(screen.getByRole("radio", { name: "Long" }));
  await save();
  await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
  expect(bodies[1]).toEqual(bodies[0]);
  expect(bodies[2]?.side).toBe("long");
  expect(bodies[2]?.client_key).not.toBe(bodies[0]?.client_key);
});

it("asks for a key where the API wants one", async () => {
  const { keys } = api([401, { detail: "this call needs a valid X-API-Key header" }], [201, { data: WATCH }]);
  const onClose = open();
  await save();
  await userEvent.type(await screen.findByLabelText("API key"), "secret");
  await userEvent.click(screen.getByRole("button", { name: "Keep and try again" }));
  await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
  expect(keys).toEqual([null, "secret"]);
});
