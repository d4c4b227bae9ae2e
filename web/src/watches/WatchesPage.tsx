import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useMessages } from "../i18n/language";
import { Pager } from "../ui/Pager";
import { Select } from "../ui/Select";
import { Empty, Failure, Loading } from "../ui/states";
import { Trouble } from "../ui/Trouble";
import { DeleteDialog } from "./DeleteDialog";
import type { Watch } from "./draft";
import { FiresDialog } from "./FiresDialog";
import { STATES, useTurn, useWatches } from "./useWatches";
import { EditWatchDialog } from "./WatchDialog";
import "./watches.css";
import { WatchesTable } from "./WatchesTable";
import type { Act } from "./WatchActions";

type Open = { what: "edit" | "look" | "remove"; watch: Watch } | null;

export default function WatchesPage() {
  const m = useMessages().watches;
  const [search, setSearch] = useSearchParams();
  const state = STATES.find((one) => one === search.get("state")) ?? "";
  const page = Math.max(1, Number(search.get("page")) || 1);
  const watches = useWatches(state, page);
  const turn = useTurn();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const opened = (what: NonNullable<Open>["what"]) => (open?.what === what ? open.watch : null);
  const act: Act = {
    turn: (watch, next) => turn.mutate({ watch, state: next }),
    edit: (watch) => setOpen({ what: "edit", watch }),
    look: (watch) => setOpen({ what: "look", watch }),
    remove: (watch) => setOpen({ what: "remove", watch }),
  };
  return (
    <section className="panel page" aria-labelledby="watches-title">
      <div className="panel-head">
        <h1 id="watches-title">{m.title}</h1>
        <span className="quiet number" role="status">
          {watches.data ? m.total(watches.data.total) : ""}
        </span>
        <div className="panel-tools">
          <Select
            quiet
            label={m.anyState}
            value={state}
            options={[["", m.anyState] as const, ...STATES.map((one) => [one, m.states[one]] as const)]}
            onChoose={(next) => setSearch(next ? { state: next } : {})}
          />
        </div>
      </div>
      <Trouble error={turn.error} retry={() => turn.variables && turn.mutate(turn.variables)} />
      <List watches={watches} act={act} filtered={state !== ""} />
      <Pager
        label={m.title}
        page={page}
        pages={watches.data?.totalPages ?? 0}
        onTurn={(next) => setSearch({ ...(state ? { state } : {}), page: String(next) })}
      />
      <EditWatchDialog watch={opened("edit")} onClose={close} />
      <FiresDialog watch={opened("look")} onClose={close} />
      <DeleteDialog watch={opened("remove")} onClose={close} />
    </section>
  );
}

interface ListProps {
  watches: ReturnType<typeof useWatches>;
  act: Act;
  filtered: boolean;
}

function List({ watches, act, filtered }: ListProps) {
  const m = useMessages().watches;
  if (watches.error && !watches.data) return <Failure error={watches.error} retry={() => void watches.refetch()} />;
  if (!watches.data) return <Loading />;
  if (watches.data.data.length > 0) return <WatchesTable watches={watches.data.data} act={act} />;
  if (filtered) return <Empty title={m.emptyState} />;
  return (
    <Empty title={m.empty} why={m.emptyWhy}>
      <Link className="button primary" to="/">
        {m.toMarkets}
      </Link>
    </Empty>
  );
}
