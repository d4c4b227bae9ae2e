// Validates the AsyncAPI document with its own parser, and every example in it against its JSON Schemas with ajv.
// With `--events` it reads messages from standard input instead, as JSON: [{"name", "headers", "payload"}].
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { fromFile, Parser } from "@asyncapi/parser";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parse } from "yaml";

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "../../../schemas/contracts");
const ASYNCAPI = join(FOLDER, "asyncapi.yaml");
const WARNING = 1;

const document = parse(readFileSync(ASYNCAPI, "utf8"));
const messages = document.components.messages;
const errors = process.argv.includes("--events") ? checkEvents(readFileSync(0, "utf8")) : await checkDocument();

for (const error of errors) console.error(`asyncapi.yaml: ${error}`);
process.exit(errors.length ? 1 : 0);

async function checkDocument() {
  const { diagnostics } = await fromFile(new Parser(), ASYNCAPI).parse();
  const found = diagnostics.filter((one) => one.severity <= WARNING);
  const examples = Object.entries(messages).flatMap(([name, message]) =>
    (message.examples ?? []).flatMap((example) => checkExample(name, message, example)),
  );
  return [...found.map((one) => `${one.path.join(".")}: ${one.message}`), ...examples];
}

function checkEvents(text) {
  return JSON.parse(text).flatMap((event) => checkExample(event.name, messages[event.name], event));
}

function checkExample(name, message, example) {
  const payload = JSON.parse(readFileSync(join(FOLDER, message.payload.schema.$ref), "utf8"));
  const headers = { ...message.headers, components: document.components };
  return [...findErrors(`${name} payload`, payload, example.payload), ...findErrors(`${name} headers`, headers, example.headers)];
}

// `strictSchema` refuses keywords that the dialect does not know; compiling checks the schema against its meta-schema.
function findErrors(subject, schema, value) {
  const ajv = new Ajv2020({ allErrors: true, strictSchema: true });
  addFormats(ajv);
  ajv.addKeyword("components");
  const validate = ajv.compile(schema);
  return validate(value) ? [] : validate.errors.map((error) => `${subject}${error.instancePath} ${error.message}`);
}
