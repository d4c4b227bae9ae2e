import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { get, put, remove } from "../api/client";
import type { components } from "../api/schema";
import { useMessages } from "../i18n/language";
import { ErrorNotice } from "../ui/ErrorNotice";

type Item = components["schemas"]["WatchlistItem"];

const QUERY_KEY = ["watchlist"];

/** The markets that are kept fresh: entries are added and removed while the pipeline runs. */
export function WatchlistPanel() {
  const m = useMessages().pipeline.watchlist;
  const { data, error, refetch } = useQuery({
    queryKey: QUERY_KEY,
    queryFn: ({ signal }) => get("/api/v1/watchlist", { signal }),
  });
  return (
    <section className="panel watchlist-panel" aria-labelledby="watchlist-title">
      <div className="panel-head">
        <h2 id="watchlist-title">{m.title}</h2>
        {data && <span className="quiet">{m.selected(data.markets)}</span>}
      </div>
      <div className="panel-body">
        <p className="quiet">{m.hint}</p>
        <AddForm />
        <ErrorNotice error={error} retry={() => void refetch()} />
      </div>
      {data && data.data.length > 0 && <Entries items={data.data} />}
    </section>
  );
}

function AddForm() {
  const m = useMessages().pipeline.watchlist;
  const [entry, setEntry] = useState("");
  const [priority, setPriority] = useState("0");
  const change = useChange(() => setEntry(""));
  const add = () => change.mutate({ entry: entry.trim(), priority: Number(priority), isFollowed: true });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    add();
  };
  return (
    <form className="watchlist-form" onSubmit={submit}>
      <label>
        <span>{m.entry}</span>
        <input
          className="input"
          required
          maxLength={191}
          placeholder="binance:spot:*USDT:1h>10000000"
          value={entry}
          onChange={(event) => setEntry(event.target.value)}
          data-testid="watchlist-entry"
        />
      </label>
      <label>
        <span>{m.priority}</span>
        <input
          className="input"
          type="number"
          min={-1000}
          max={1000}
          required
          value={priority}
          onChange={(event) => setPriority(event.target.value)}
        />
      </label>
      <button type="submit" className="button" disabled={change.isPending} data-testid="watchlist-add">
        {m.add}
      </button>
      <ErrorNotice error={change.error} retry={add} />
    </form>
  );
}

function Entries({ items }: { items: readonly Item[] }) {
  const m = useMessages().pipeline.watchlist;
  return (
    <table className="grid">
      <thead>
        <tr>
          <th scope="col">{m.entry}</th>
          <th scope="col" className="right">
            {m.markets}
          </th>
          <th scope="col" className="right">
            {m.priority}
          </th>
          <th scope="col">{m.from}</th>
          <th scope="col">
            <span className="visually-hidden">{m.change}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <EntryRow key={item.entry} item={item} />
        ))}
      </tbody>
    </table>
  );
}

function EntryRow({ item }: { item: Item }) {
  const m = useMessages().pipeline.watchlist;
  const change = useChange();
  const toggle = () => change.mutate({ entry: item.entry, priority: item.priority, isFollowed: !item.is_followed });
  return (
    <tr data-testid="watchlist-item" data-entry={item.entry} className={item.is_followed ? undefined : "quiet"}>
      <td>{item.is_followed ? item.entry : <s>{item.entry}</s>}</td>
      <td className="right">{item.markets ?? "…"}</td>
      <td className="right">{item.priority}</td>
      <td>{item.is_followed ? (item.changed_at ? m.added : m.settings) : m.removed}</td>
      <td className="right">
        <button type="button" className="button small" disabled={change.isPending} onClick={toggle}>
          {item.is_followed ? m.remove : m.restore}
          <span className="visually-hidden"> {item.entry}</span>
        </button>
        <ErrorNotice error={change.error} retry={toggle} />
      </td>
    </tr>
  );
}

interface Change {
  entry: string;
  priority: number;
  isFollowed: boolean;
}

function useChange(onDone?: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ entry, priority, isFollowed }: Change) => {
      if (isFollowed) await put("/api/v1/watchlist", { entry, priority });
      else await remove("/api/v1/watchlist", { query: { entry } });
    },
    onSuccess: () => onDone?.(),
    onSettled: () => queries.invalidateQueries({ queryKey: QUERY_KEY }),
  });
}
