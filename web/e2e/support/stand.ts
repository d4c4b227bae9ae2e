/** Ports and directories of this run's servers. The first process chooses them and passes them on in the environment. */
import { mkdtempSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const PORT = (process.env["STRANDLINE_E2E_PORT"] ??= await findFreePort());
export const SIMULATOR_PORT = (process.env["STRANDLINE_E2E_SIMULATOR_PORT"] ??= await findFreePort());
export const DATA = (process.env["STRANDLINE_E2E_DATA"] ??= mkdtempSync(join(tmpdir(), "strandline-e2e-")));

/** An installation whose reads need a key. */
export const CLOSED_PORT = (process.env["STRANDLINE_E2E_CLOSED_PORT"] ??= await findFreePort());
export const READ_KEY = "a-key-for-the-pages-of-this-run";

export const HOST_PORT = (process.env["STRANDLINE_E2E_HOST_PORT"] ??= await findFreePort());
/** The site that may frame the chart; a test serves it. */
export const HOST_SITE = `http://127.0.0.1:${HOST_PORT}`;

const ROOT = resolve(import.meta.dirname, "../../..");

export const STRANDLINE = join(ROOT, ".venv/bin/strandline");
export const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Where screenshots go: docs/images if STRANDLINE_E2E_IMAGES is set, else beside the test results. */
export const IMAGES = process.env["STRANDLINE_E2E_IMAGES"]
  ? join(ROOT, "docs/images")
  : join(ROOT, "web/test-results/images");

async function findFreePort(): Promise<string> {
  return new Promise((resolved, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolved(String(port)));
    });
  });
}
