/** Playwright's `test`, with what every spec here needs: a page that must stay silent, the API, and the exchange. */
import { expect, test as base, type APIRequestContext } from "@playwright/test";
import { SIMULATOR_PORT } from "./stand";

export { expect };

/** The simulated exchange of this run. */
export class Exchange {
  constructor(private readonly http: APIRequestContext) {}

  /** From now on `symbol` trades at `price`. */
  async move(symbol: string, price: number): Promise<void> {
    const answer = await this.http.post(`http://127.0.0.1:${SIMULATOR_PORT}/simulator/price`, { data: { symbol, price } });
    expect(answer.ok(), await answer.text()).toBe(true);
  }
}

export class Api {
  constructor(private readonly http: APIRequestContext) {}

  /** Have a market analysed, and wait for its end; the row's id. */
  async analysed(symbol: string, timeframe = "1h"): Promise<number> {
    const answer = await this.http.post("/api/v1/analysis/trigger?wait=60", { data: { symbol, timeframe } });
    const { status, result } = (await answer.json()) as { status: string; result: { id: number } };
    expect(status).toBe("completed");
    return result.id;
  }

  async lastPrice(symbol: string): Promise<number> {
    const answer = await this.http.get(`/api/v1/klines?symbol=${symbol}&interval=1m&limit=1`);
    const { data } = (await answer.json()) as { data: { close: number }[] };
    return data[0]?.close ?? Number.NaN;
  }

  async watch(body: object): Promise<string> {
    const answer = await this.http.post("/api/v1/watches", { data: body });
    expect(answer.status(), await answer.text()).toBe(201);
    return ((await answer.json()) as { data: { id: string } }).data.id;
  }
}

interface Fixtures {
  exchange: Exchange;
  api: Api;
  /** Complaints in the console that a spec expects; it adds to them. */
  expected: RegExp[];
}

export const test = base.extend<Fixtures>({
  exchange: async ({ request }, use) => use(new Exchange(request)),
  api: async ({ request }, use) => use(new Api(request)),
  expected: async ({}, use) => use([]), // eslint-disable-line no-empty-pattern -- how Playwright reads what a fixture needs
  page: async ({ page, expected }, use) => {
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    await use(page);
    expect(complaints.filter((words) => !expected.some((one) => one.test(words)))).toEqual([]);
  },
});
