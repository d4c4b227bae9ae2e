/** Where this run's servers are. Chosen once, by whoever reads this first, and handed on in the environment. */
import { mkdtempSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const PORT = (process.env["STRANDLINE_E2E_PORT"] ??= await freePort());
export const SIMULATOR_PORT = (process.env["STRANDLINE_E2E_SIMULATOR_PORT"] ??= await freePort());
export const DATA = (process.env["STRANDLINE_E2E_DATA"] ??= mkdtempSync(join(tmpdir(), "strandline-e2e-")));

const ROOT = resolve(import.meta.dirname, "../../..");

export const STRANDLINE = join(ROOT, ".venv/bin/strandline");
export const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Pictures of the pages: for the README where that was asked for, else beside the other results. */
export const IMAGES = process.env["STRANDLINE_E2E_IMAGES"]
  ? join(ROOT, "docs/images")
  : join(ROOT, "web/test-results/images");

async function freePort(): Promise<string> {
  return new Promise((resolved, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolved(String(port)));
    });
  });
}
