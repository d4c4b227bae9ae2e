import { serverNow } from "../api/serverClock";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState } from "react";
import { get, post } from "../api/client";
import type { components } from "../api/schema";
import { useStream } from "../stream/StreamProvider";
import { addRequest, endRequests, type RequestOutcome, type TrackedRequest } from "./requests";

/** A request as the form makes it. */
export interface AnalysisRequest {
  exchange: string;
  market_type: "spot" | "future";
  symbol: string;
  timeframe: string;
}

/** The stream reports outcomes; the jobs are polled as well, in case the stream is interrupted. */
const JOB_POLL_MS = 2_000;

/** Request analyses, and follow each until it ends. */
export function useAnalysisRequests() {
  const [requests, setRequests] = useState<readonly TrackedRequest[]>([]);
  const end = (ids: readonly string[], outcome: RequestOutcome) =>
    setRequests((known) => endRequests(known, ids, outcome, serverNow()));
  useStream("result", (event) => end(event.request_ids, { state: "completed" }));
  useStream("failure", (event) => end(event.request_ids, { state: "failed", ...event }));
  const queued = requests.filter(({ state }) => state === "queued").map(({ requestId }) => requestId);
  useJobPolling(queued, (job) => end([job.request_id], { state: job.status, reason: job.reason, message: job.message }));
  const submit = useMutation({
    mutationFn: async (request: AnalysisRequest) => {
      const { request_id } = await post("/api/v1/analysis/trigger", request);
      const tracked = { ...request, requestId: request_id, state: "queued", requestedAt: serverNow() } as const;
      setRequests((known) => addRequest(known, tracked));
    },
  });
  return { requests, submit };
}

function useJobPolling(ids: string[], onJob: (job: components["schemas"]["Job"]) => void): void {
  const handle = useEffectEvent(onJob);
  const key = ids.join(" ");
  useEffect(() => {
    if (!key) return;
    const timer = setInterval(() => {
      for (const request_id of key.split(" ")) {
        // A job that cannot be read is read again at the next interval; until then it stays "queued".
        get("/api/v1/jobs/{request_id}", { path: { request_id } }).then((job) => handle(job), () => undefined);
      }
    }, JOB_POLL_MS);
    return () => clearInterval(timer);
  }, [key]);
}
