/** The API over `fetch`: typed by its OpenAPI document, and throwing a Problem for whatever is no success. */
import { apiKey } from "./key";
import { Problem, problemOf } from "./problem";
import type { paths } from "./schema";

type Method = "get" | "post" | "patch" | "delete";
type With<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, object> ? P : never }[keyof paths];
type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never;
type Json<R> = R extends { content: { "application/json": infer B } } ? B : never;
type Body<O> = O extends { responses: infer R } ? { [S in keyof R & (200 | 201 | 202)]: Json<R[S]> }[keyof R & (200 | 201 | 202)] : never;
type Sent<O> = O extends { requestBody?: infer B } ? Json<NonNullable<B>> : never;
type QueryOf<O> = O extends { parameters: { query?: infer Q } } ? Q : never;
type PathOf<O> = O extends { parameters: { path: infer P } } ? P : never;

interface Asked<O> {
  path?: PathOf<O>;
  query?: QueryOf<O>;
  signal?: AbortSignal | undefined;
}

export function get<P extends With<"get">>(path: P, asked: Asked<Operation<P, "get">> = {}): Promise<Body<Operation<P, "get">>> {
  return call("GET", path, asked);
}

export function post<P extends With<"post">>(
  path: P,
  body: Sent<Operation<P, "post">>,
  asked: Asked<Operation<P, "post">> = {},
): Promise<Body<Operation<P, "post">>> {
  return call("POST", path, asked, body);
}

export function patch<P extends With<"patch">>(
  path: P,
  body: Sent<Operation<P, "patch">>,
  asked: Asked<Operation<P, "patch">>,
): Promise<Body<Operation<P, "patch">>> {
  return call("PATCH", path, asked, body);
}

export async function remove<P extends With<"delete">>(path: P, asked: Asked<Operation<P, "delete">>): Promise<void> {
  await call("DELETE", path, asked);
}

/** `path` with its `{names}` filled in, and the query parameters that are set and not empty. */
export function address(path: string, names: object = {}, query: object = {}): string {
  const known = new Map<string, unknown>(Object.entries(names));
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(known.get(name))));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  const written = search.toString();
  return written ? `${filled}?${written}` : filled;
}

async function call<T>(method: string, path: string, asked: Asked<unknown>, body?: unknown): Promise<T> {
  const headers = new Headers({ Accept: "application/json" });
  if (body !== undefined) headers.set("Content-Type", "application/json");
  const key = apiKey();
  if (key && method !== "GET") headers.set("X-API-Key", key);
  const response = await reached(address(path, asked.path, asked.query), {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(asked.signal ? { signal: asked.signal } : {}),
  });
  if (!response.ok) throw await problemOf(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function reached(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, error instanceof Error ? error.message : "unreachable");
  }
}
