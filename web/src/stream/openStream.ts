/** Opens the stream: shared by all windows, or one of this window where its browser has no SharedWorker. */
import { StreamConnection, type Connection, type ConnectionSink } from "./connection";
import { STREAM_URL } from "./events";
import { SharedConnection } from "./sharedStream";

export function openStream(sink: ConnectionSink): Connection {
  if (typeof SharedWorker === "undefined") return new StreamConnection(STREAM_URL, sink);
  let started = false;
  const worker = new SharedWorker(new URL("./streamWorker.ts", import.meta.url), { type: "module", name: "strandline" });
  let current: Connection = new SharedConnection(worker.port, sink);
  // Its script could not be loaded, for example between two versions of the page.
  worker.onerror = () => {
    worker.port.close();
    current = new StreamConnection(STREAM_URL, sink);
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
