import { useMutation } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState } from "react";
import { get, post } from "../api/client";
import type { components } from "../api/schema";
import { useStream } from "../stream/StreamProvider";
import { begun, ended, type Asked } from "./asked";

/** A request as the form makes it. */
export interface Wanted {
  exchange: string;
  market_type: "spot" | "future";
  symbol: string;
  timeframe: string;
}

/** The stream tells of ends; the job itself is looked at as well, in case the stream is away. In ms. */
const LOOK = 2_000;

/** Ask for analyses, and follow each to its end. */
export function useAsked() {
  const [asked, setAsked] = useState<readonly Asked[]>([]);
  const end = (ids: readonly string[], how: Parameters<typeof ended>[2]) =>
    setAsked((known) => ended(known, ids, how, Date.now()));
  useStream("result", (event) => end(event.request_ids, { state: "completed" }));
  useStream("failure", (event) => end(event.request_ids, { state: "failed", ...event }));
  const waiting = asked.filter((one) => one.state === "queued").map((one) => one.requestId);
  useJobs(waiting, (job) => end([job.request_id], { state: job.status, reason: job.reason, message: job.message }));
  const ask = useMutation({
    mutationFn: async (wanted: Wanted) => {
      const { request_id } = await post("/api/v1/analysis/trigger", wanted);
      setAsked((known) => begun(known, { ...wanted, requestId: request_id, state: "queued", askedAt: Date.now() }));
    },
  });
  return { asked, ask };
}

function useJobs(ids: string[], hear: (job: components["schemas"]["Job"]) => void): void {
  const heard = useEffectEvent(hear);
  const key = ids.join(" ");
  useEffect(() => {
    if (!key) return;
    const timer = setInterval(() => {
      for (const request_id of key.split(" ")) {
        // A job that cannot be looked at just now is looked at again: the list goes on saying "queued".
        get("/api/v1/jobs/{request_id}", { path: { request_id } }).then((job) => heard(job), () => undefined);
      }
    }, LOOK);
    return () => clearInterval(timer);
  }, [key]);
}
