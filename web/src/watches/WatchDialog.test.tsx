import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/preact";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { en } from "../i18n/en";
import { LanguageProvider } from "../i18n/language";
import { createQueryClient } from "../shell/queries";
import { Toasts } from "../shell/Toasts";
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

/** Stub an API that gives the answers in turn; returns the bodies and keys it received. */
function stubApi(...answers: Answer[]) {
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

function openDialog() {
  const onClose = vi.fn();
  render(
    <QueryClientProvider client={createQueryClient()}>
      <LanguageProvider initial={{ language: "en", messages: en }}>
        <Toasts>
          <WatchDialog subject={SUBJECT} onClose={onClose} />
        </Toasts>
      </LanguageProvider>
    </QueryClientProvider>,
  );
  return onClose;
}

const save = () => userEvent.click(screen.getByTestId("save-watch"));

it("creates a short watch at a resistance, and closes", async () => {
  const { bodies } = stubApi([201, { data: WATCH }]);
  const onClose = openDialog();
  expect(screen.getByRole("radio", { name: "Short", checked: true })).toBeTruthy();
  await save();
  await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
  expect(bodies).toMatchObject([{ symbol: "BTCUSDT", level_id: "r-1", side: "short", condition: "touch" }]);
});

it("repeats an unchanged draft with the same key, and sends a changed draft with a new one", async () => {
  const away: Answer = [503, { detail: "the database does not answer" }];
  const { bodies } = stubApi(away, away, [201, { data: WATCH }]);
  const onClose = openDialog();
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

it("asks for an API key when the API requires one", async () => {
  const { keys } = stubApi([401, { detail: "this call needs a valid X-API-Key header" }], [201, { data: WATCH }]);
  const onClose = openDialog();
  await save();
  await userEvent.type(await screen.findByLabelText("API key"), "secret");
  await userEvent.click(screen.getByRole("button", { name: "Save and try again" }));
  await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
  expect(keys).toEqual([null, "secret"]);
});
