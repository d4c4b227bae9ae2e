/** Tickets: an EventSource cannot send a key, so a stream whose reads are closed is opened with a ticket in its address. */
const TICKET_URL = "/api/v1/stream/ticket";
const TIMEOUT_MS = 10_000;

/** The address to open `url` at, with a ticket of `key`; without a key, or where no ticket is needed or given, `url` itself. */
export function locateStream(url: string, key: string | null): string | Promise<string> {
  return key ? addTicket(url, key) : url;
}

async function addTicket(url: string, key: string): Promise<string> {
  const ticket = await createTicket(key);
  return ticket ? `${url}${url.includes("?") ? "&" : "?"}ticket=${encodeURIComponent(ticket)}` : url;
}

/** A refusal is met again by the stream itself, which is then opened without a ticket. */
async function createTicket(key: string): Promise<string | null> {
  try {
    const response = await fetch(TICKET_URL, { method: "POST", headers: { "X-API-Key": key }, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return response.ok ? ((await response.json()) as { ticket: string | null }).ticket : null;
  } catch {
    return null;
  }
}
