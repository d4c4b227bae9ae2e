import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, patch, remove } from "../api/client";
import type { components } from "../api/schema";
import { useMessages } from "../i18n/language";
import { Ago } from "../ui/Ago";
import { ErrorNotice } from "../ui/ErrorNotice";
import { useNow } from "../ui/useNow";

type StandingWatch = components["schemas"]["StandingWatch"];

const KEY = ["standing-watches"] as const;
const REFRESH_MS = 15_000;

/** The saved questions of the screener; nothing while there are none. */
export function StandingWatches() {
  const m = useMessages().watches;
  const { data, error, refetch } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => get("/api/v1/standing-watches", { signal }),
    refetchInterval: REFRESH_MS,
  });
  const change = useChange();
  const now = useNow();
  if (error && !data) return <ErrorNotice error={error} retry={() => void refetch()} />;
  if (!data?.data.length) return null;
  return (
    <section aria-labelledby="standing-title">
      <div className="panel-head">
        <h2 id="standing-title">{m.standing}</h2>
      </div>
      <ErrorNotice error={change.error} retry={() => change.variables && change.mutate(change.variables)} />
      <table className="grid">
        <caption className="visually-hidden">{m.standing}</caption>
        <thead>
          <tr>
            <th scope="col">{m.standingName}</th>
            <th scope="col">{m.standingInside}</th>
            <th scope="col">{m.lastFired}</th>
            <th scope="col">
              <span className="visually-hidden">{m.change}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {data.data.map((watch) => (
            <Row key={watch.id} watch={watch} now={now} onChange={(kind) => change.mutate({ watch, kind })} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

type Change = "pause" | "resume" | "delete";

function Row({ watch, now, onChange }: { watch: StandingWatch; now: number; onChange: (kind: Change) => void }) {
  const m = useMessages().watches;
  const next = watch.state === "active" ? "pause" : "resume";
  return (
    <tr data-testid="standing-watch">
      <th scope="row">{watch.name}</th>
      <td className="number">{watch.state === "active" ? watch.inside : m.states.paused}</td>
      <td>{watch.last_fired_at ? <Ago time={watch.last_fired_at} now={now} /> : "–"}</td>
      <td className="cell-action">
        <div className="actions">
          <button type="button" className="button small" onClick={() => onChange(next)}>
            {m.standingActions[next]}
          </button>
          <button type="button" className="button small" onClick={() => onChange("delete")}>
            {m.standingActions.delete}
          </button>
        </div>
      </td>
    </tr>
  );
}

function useChange() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ watch, kind }: { watch: StandingWatch; kind: Change }) => {
      const options = { path: { watch_id: watch.id } };
      if (kind === "delete") await remove("/api/v1/standing-watches/{watch_id}", options);
      else await patch("/api/v1/standing-watches/{watch_id}", { state: kind === "pause" ? "paused" : "active" }, options);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}
