import { rmSync } from "node:fs";
import { DATA } from "./stand";

export default function teardown(): void {
  rmSync(DATA, { recursive: true, force: true });
}
