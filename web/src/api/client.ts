/** A client of the API, typed by its OpenAPI document. Every call that does not succeed throws a Problem. */
import { takeEarly } from "../boot/early";
import { loadApiKey } from "./key";
import { Problem, readProblem } from "./problem";
import type { paths } from "./schema";
import { observeDate } from "./serverClock";
import { buildUrl } from "./url";

type Method = "get" | "post" | "put" | "patch" | "delete";
type PathWith<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, object> ? P : never }[keyof paths];
type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never;
type Json<R> = R extends { content: { "application/json": infer B } } ? B : never;
type Body<O> = O extends { responses: infer R } ? { [S in keyof R & (200 | 201 | 202)]: Json<R[S]> }[keyof R & (200 | 201 | 202)] : never;
type JsonOrNothing<B> = [B] extends [never] ? undefined : Json<B>;
type RequestBody<O> = O extends { requestBody?: infer B } ? JsonOrNothing<NonNullable<B>> : never;
type QueryOf<O> = O extends { parameters: { query?: infer Q } } ? Q : never;
type PathOf<O> = O extends { parameters: { path: infer P } } ? P : never;

interface CallOptions<O> {
  path?: PathOf<O>;
  query?: QueryOf<O>;
  signal?: AbortSignal | undefined;
}

export function get<P extends PathWith<"get">>(path: P, options: CallOptions<Operation<P, "get">> = {}): Promise<Body<Operation<P, "get">>> {
  return call("GET", path, options);
}

export function post<P extends PathWith<"post">>(
  path: P,
  body: RequestBody<Operation<P, "post">>,
  options: CallOptions<Operation<P, "post">> = {},
): Promise<Body<Operation<P, "post">>> {
  return call("POST", path, options, body);
}

export function put<P extends PathWith<"put">>(
  path: P,
  body: RequestBody<Operation<P, "put">>,
  options: CallOptions<Operation<P, "put">> = {},
): Promise<Body<Operation<P, "put">>> {
  return call("PUT", path, options, body);
}

export function patch<P extends PathWith<"patch">>(
  path: P,
  body: RequestBody<Operation<P, "patch">>,
  options: CallOptions<Operation<P, "patch">>,
): Promise<Body<Operation<P, "patch">>> {
  return call("PATCH", path, options, body);
}

export async function remove<P extends PathWith<"delete">>(path: P, options: CallOptions<Operation<P, "delete">>): Promise<void> {
  await call("DELETE", path, options);
}

async function call<T>(method: string, path: string, options: CallOptions<unknown>, body?: unknown): Promise<T> {
  const headers = new Headers({ Accept: "application/json" });
  if (body !== undefined) headers.set("Content-Type", "application/json");
  const key = loadApiKey();
  if (key) headers.set("X-API-Key", key);
  const response = await fetchOrThrow(buildUrl(path, options.path, options.query), {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  if (!response.ok) throw await readProblem(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function fetchOrThrow(url: string, init: RequestInit): Promise<Response> {
  try {
    const early = init.method === "GET" && takeEarly(url);
    if (early) return await early;
    const sentAt = Date.now();
    const response = await fetch(url, init);
    observeDate(response.headers.get("date"), sentAt);
    return response;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, error instanceof Error ? error.message : "unreachable");
  }
}
