/** Writes src/schema.ts and src/events.ts: types of the REST calls, and of the events, from the published documents. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const CONTRACTS = new URL("../../../schemas/contracts/", import.meta.url);
const SOURCE = new URL("../src/", import.meta.url);

const read = (name) => JSON.parse(readFileSync(new URL(name, CONTRACTS), "utf8"));

async function write(name, document) {
  const text = astToString(await openapiTS(document));
  writeFileSync(new URL(name, SOURCE), `/* Generated from schemas/contracts by \`npm run types\`. */\n${text}`);
}

/** An OpenAPI document with the events as its schemas: what they share (`$defs`) stands beside them. */
function collectEvents() {
  const schemas = {};
  for (const name of readdirSync(CONTRACTS).filter((one) => one.endsWith(".v1.json"))) {
    const { $defs = {}, $id, $schema, ...event } = JSON.parse(
      readFileSync(new URL(name, CONTRACTS), "utf8").replaceAll('"#/$defs/', '"#/components/schemas/'),
    );
    Object.assign(schemas, $defs, { [event.title]: event });
  }
  return { openapi: "3.1.0", info: { title: "events", version: "1" }, paths: {}, components: { schemas } };
}

await write("schema.ts", read("openapi.json"));
await write("events.ts", collectEvents());
