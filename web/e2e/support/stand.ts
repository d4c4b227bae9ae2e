/** Ports and directories of this run's servers. The first process chooses them and passes them on in the environment. */
import { mkdtempSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Where the servers of one worker are: no test sees what tests of another worker do. */
interface Stand {
  port: string;
  simulatorPort: string;
  data: string;
  /** Where a test serves the site that may frame the chart. */
  hostPort: string;
}

/** Half of a test's time goes to its page, half to its servers: as many as a machine of two cores carries. */
export const WORKERS = 2;

const CHOSEN = (process.env["STRANDLINE_E2E_STANDS"] ??= JSON.stringify(await chooseStands()));
export const STANDS = JSON.parse(CHOSEN) as Stand[];

/** An installation whose reads need a key: one for all workers, because only one file uses it. */
export const CLOSED_PORT = (process.env["STRANDLINE_E2E_CLOSED_PORT"] ??= (await findFreePorts(1)).join());
export const READ_KEY = "a-key-for-the-pages-of-this-run";

const own = STANDS[Number(process.env["TEST_PARALLEL_INDEX"] ?? 0)];
if (!own) throw new Error(`more than ${WORKERS} workers: each needs a stand of its own`);

export const { port: PORT, simulatorPort: SIMULATOR_PORT, hostPort: HOST_PORT } = own;
export const HOST_SITE = siteOf(HOST_PORT);

const ROOT = resolve(import.meta.dirname, "../../..");

export const STRANDLINE = join(ROOT, ".venv/bin/strandline");
export const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Where screenshots go: docs/images if STRANDLINE_E2E_IMAGES is set, else beside the test results. */
export const IMAGES = process.env["STRANDLINE_E2E_IMAGES"]
  ? join(ROOT, "docs/images")
  : join(ROOT, "web/test-results/images");

export function siteOf(port: string): string {
  return `http://127.0.0.1:${port}`;
}

async function chooseStands(): Promise<Stand[]> {
  const ports = await findFreePorts(3 * WORKERS);
  return Array.from({ length: WORKERS }, (_, index) => {
    const [port = "", simulatorPort = "", hostPort = ""] = ports.slice(3 * index);
    return { port, simulatorPort, hostPort, data: mkdtempSync(join(tmpdir(), "strandline-e2e-")) };
  });
}

/** All are open at once, so that none is chosen twice. */
async function findFreePorts(count: number): Promise<string[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => String((server.address() as AddressInfo).port));
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

async function listen(): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolved, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => resolved(server));
  });
}
