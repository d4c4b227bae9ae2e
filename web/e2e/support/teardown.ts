import { rmSync } from "node:fs";
import { STANDS } from "./stand";

export default function teardown(): void {
  for (const { data } of STANDS) rmSync(data, { recursive: true, force: true });
}
