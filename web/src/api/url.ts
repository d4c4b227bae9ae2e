/** Fill in the `{names}` of `path`, and append the query parameters that are neither absent nor empty. */
export function buildUrl(path: string, names: object = {}, query: object = {}): string {
  const values = new Map<string, unknown>(Object.entries(names));
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values.get(name))));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  const parameters = search.toString();
  return parameters ? `${filled}?${parameters}` : filled;
}
