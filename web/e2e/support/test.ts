/** Playwright's `test` with fixtures for the API and the exchange, and a page whose console must stay silent. */
import { expect, test as base, type APIRequestContext } from "@playwright/test";
import { SIMULATOR_PORT, siteOf } from "./stand";

export { expect };

/** The simulated exchange of this run. */
export class Exchange {
  constructor(private readonly http: APIRequestContext) {}

  /** Set the price at which `symbol` trades. */
  async setPrice(symbol: string, price: number): Promise<void> {
    const response = await this.http.post(`${siteOf(SIMULATOR_PORT)}/simulator/price`, { data: { symbol, price } });
    expect(response.ok(), await response.text()).toBe(true);
  }
}

export class Api {
  constructor(private readonly http: APIRequestContext) {}

  /** Analyse a market, wait for the result, and return its id. */
  async analyse(symbol: string, timeframe = "1h"): Promise<number> {
    const response = await this.http.post("/api/v1/analysis/trigger?wait=60", { data: { symbol, timeframe } });
    const { status, result } = (await response.json()) as { status: string; result: { id: number } };
    expect(status).toBe("completed");
    return result.id;
  }

  async lastPrice(symbol: string): Promise<number> {
    const response = await this.http.get(`/api/v1/klines?symbol=${symbol}&interval=1m&limit=1`);
    const { data } = (await response.json()) as { data: { close: number }[] };
    return data[0]?.close ?? Number.NaN;
  }

  async createWatch(body: object): Promise<string> {
    const response = await this.http.post("/api/v1/watches", { data: body });
    expect(response.status(), await response.text()).toBe(201);
    return ((await response.json()) as { data: { id: string } }).data.id;
  }
}

interface Fixtures {
  exchange: Exchange;
  api: Api;
  /** Console messages that a spec expects; a spec appends to them. */
  expectedMessages: RegExp[];
}

/** A container was started on this machine; Chromium drops what it was loading, and the page loads it again. */
const NETWORK_CHANGED = /ERR_NETWORK_CHANGED/;

export const test = base.extend<Fixtures>({
  exchange: async ({ request }, use) => use(new Exchange(request)),
  api: async ({ request }, use) => use(new Api(request)),
  expectedMessages: async ({}, use) => use([]), // eslint-disable-line no-empty-pattern -- how Playwright reads what a fixture needs
  page: async ({ page, expectedMessages }, use) => {
    const messages: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") messages.push(message.text());
    });
    page.on("pageerror", (error) => messages.push(String(error)));
    await use(page);
    const expected = [...expectedMessages, NETWORK_CHANGED];
    expect(messages.filter((text) => !expected.some((one) => one.test(text)))).toEqual([]);
  },
});
