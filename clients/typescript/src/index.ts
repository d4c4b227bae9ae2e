/** Client of a Strandline installation. */
export { Client } from "./client.js";
export type { CallOptions, ClientOptions, PageOptions, PastOptions, WaitOptions } from "./client.js";
export { AnalysisFailed, NotFound, Refused, StillRunning, StrandlineError, Unavailable } from "./errors.js";
export type { ListenOptions } from "./event-source.js";
export type { StreamOptions } from "./stream.js";
export type * from "./types.js";
