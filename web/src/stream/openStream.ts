/** Opens the stream: shared by all windows, or one of this window where its browser has no SharedWorker. */
import { loadApiKey } from "../api/key";
import { StreamConnection, type Connection, type ConnectionSink } from "./connection";
import { STREAM_URL } from "./events";
import { SharedConnection } from "./sharedStream";

export function openStream(sink: ConnectionSink): Connection {
  if (typeof SharedWorker === "undefined") return new StreamConnection(STREAM_URL, sink, loadApiKey);
  let started = false;
  const worker = new SharedWorker(new URL("./streamWorker.ts", import.meta.url), { type: "module", name: "strandline" });
  let current: Connection = new SharedConnection(worker.port, sink, loadApiKey);
  // Its script could not be loaded, for example between two versions of the page.
  worker.onerror = () => {
    worker.port.close();
    current = new StreamConnection(STREAM_URL, sink, loadApiKey);
    if (started) current.start();
  };
  return {
    start() {
      started = true;
      current.start();
    },
    stop() {
      started = false;
      current.stop();
    },
  };
}
