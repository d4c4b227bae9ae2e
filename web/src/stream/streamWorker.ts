/** The script of the SharedWorker that has the stream of all windows. */
import { StreamConnection } from "./connection";
import { StreamServer } from "./sharedStream";
import { STREAM_URL } from "./events";

const server = new StreamServer((sink, loadKey) => new StreamConnection(STREAM_URL, sink, loadKey));

// The library's types for workers exclude those for pages, so the scope is described here.
const scope = globalThis as unknown as { onconnect: (event: MessageEvent) => void };
scope.onconnect = ({ ports }) => {
  for (const port of ports) server.attach(port);
};
