/**
 * Receive Strandline's webhooks: verify the signature, then act on each event once.
 *
 * npm ci && npm run build
 * STRANDLINE_WEBHOOK_SECRET=whsec_... node dist/verify-webhook.js 8080
 */
import { createServer, type IncomingMessage } from "node:http";
import { Webhook, WebhookVerificationError } from "standardwebhooks";

interface WatchEvent {
  type: string;
  symbol: string;
  side?: string;
  price?: number;
}

const MAX_BODY = 65_536;
const webhook = new Webhook(process.env["STRANDLINE_WEBHOOK_SECRET"] ?? "");
const seen = new Set<string>(); // in a real receiver: a table with a unique key

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > MAX_BODY) throw new RangeError("the body is too large");
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

async function receive(request: IncomingMessage): Promise<number> {
  const headers = request.headers as Record<string, string>;
  // Checks the time as well: a recorded webhook that is sent again after some minutes is refused.
  const event = webhook.verify(await readBody(request), headers) as WatchEvent;
  const id = headers["webhook-id"] ?? "";
  if (!seen.has(id)) {
    seen.add(id); // delivery is at least once
    console.log(event.type, event.symbol, event.side, event.price);
  }
  return 204;
}

createServer((request, response) => {
  receive(request)
    .catch((error: unknown) => (error instanceof WebhookVerificationError ? 401 : 400))
    .then((status) => response.writeHead(status).end());
}).listen(Number(process.argv[2] ?? 8080), "127.0.0.1");
