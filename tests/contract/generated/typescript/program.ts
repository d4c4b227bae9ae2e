/** Reads the result with the id that is given, typed by what openapi-typescript made, and prints its prices. */
import type { paths } from "./schema.js";

declare const process: { argv: [string, string, string, string] };

type Result = paths["/api/v1/analysis/{result_id}"]["get"]["responses"][200]["content"]["application/json"]["data"];

const [, , url, id] = process.argv;
const answer = (await (await fetch(`${url}/api/v1/analysis/${id}`)).json()) as { data: Result };
const prices: number[] = [answer.data.last_price, ...answer.data.support_levels, ...answer.data.resistance_levels];
console.log(JSON.stringify([...prices, ...(answer.data.levels ?? []).map((level) => level.price)]));
