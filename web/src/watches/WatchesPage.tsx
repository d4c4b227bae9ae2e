import { useState } from "react";
import { AlertsDialog } from "../alerts/AlertsDialog";
import { Link } from "../router/components";
import { useSearchParams } from "../router/hooks";
import { useMessages } from "../i18n/language";
import { BellIcon } from "../ui/icons";
import { Pager } from "../ui/Pager";
import { Select } from "../ui/Select";
import { Empty, Failure, Loading } from "../ui/states";
import { ErrorNotice } from "../ui/ErrorNotice";
import type { Watch } from "./draft";
import { FiresDialog } from "./FiresDialog";
import { STATES, useSetWatchState, useWatches } from "./useWatches";
import { DuplicateWatchDialog, EditWatchDialog } from "./WatchDialog";
import { useDeleteWithUndo } from "./useDeleteWithUndo";
import { NewWatchDialog } from "./NewWatchDialog";
import { StandingWatches } from "./StandingWatches";
import "./watches.css";
import { WatchesTable } from "./WatchesTable";
import type { WatchHandlers } from "./WatchActions";

type OpenDialog = { kind: "edit" | "duplicate" | "history"; watch: Watch } | null;

export default function WatchesPage() {
  const m = useMessages().watches;
  const [search, setSearch] = useSearchParams();
  const state = STATES.find((one) => one === search.get("state")) ?? "";
  const page = Math.max(1, Number(search.get("page")) || 1);
  const watches = useWatches(state, page);
  const changeState = useSetWatchState();
  const deletion = useDeleteWithUndo();
  const [creating, setCreating] = useState(false);
  const [showsAlerts, setAlerts] = useState(false);
  const { alerts } = useMessages();
  const [open, setOpen] = useState<OpenDialog>(null);
  const close = () => setOpen(null);
  const watchIn = (kind: NonNullable<OpenDialog>["kind"]) => (open?.kind === kind ? open.watch : null);
  const handlers: WatchHandlers = {
    setState: (watch, next) => changeState.mutate({ watch, state: next }),
    edit: (watch) => setOpen({ kind: "edit", watch }),
    showHistory: (watch) => setOpen({ kind: "history", watch }),
    duplicate: (watch) => setOpen({ kind: "duplicate", watch }),
    remove: (watch) => deletion.mutate(watch),
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
            label={m.allStates}
            value={state}
            options={[["", m.allStates] as const, ...STATES.map((one) => [one, m.states[one]] as const)]}
            onChoose={(next) => setSearch(next ? { state: next } : {})}
          />
          <button type="button" className="button small" onClick={() => setAlerts(true)} data-testid="alerts">
            {alerts.title}
          </button>
          <button type="button" className="button primary small" onClick={() => setCreating(true)} data-testid="new-watch">
            <BellIcon />
            {m.newWatch}
          </button>
        </div>
      </div>
      <ErrorNotice error={changeState.error} retry={() => changeState.variables && changeState.mutate(changeState.variables)} />
      <ErrorNotice error={deletion.error} retry={() => deletion.variables && deletion.mutate(deletion.variables)} />
      <List watches={watches} handlers={handlers} filtered={state !== ""} />
      <Pager
        label={m.title}
        page={page}
        pages={watches.data?.totalPages ?? 0}
        onTurn={(next) => setSearch({ ...(state ? { state } : {}), page: String(next) })}
      />
      <StandingWatches />
      <EditWatchDialog watch={watchIn("edit")} onClose={close} />
      <FiresDialog watch={watchIn("history")} onClose={close} />
      <DuplicateWatchDialog watch={watchIn("duplicate")} onClose={close} />
      <AlertsDialog open={showsAlerts} onClose={() => setAlerts(false)} />
      <NewWatchDialog open={creating} onClose={() => setCreating(false)} />
    </section>
  );
}

interface ListProps {
  watches: ReturnType<typeof useWatches>;
  handlers: WatchHandlers;
  filtered: boolean;
}

function List({ watches, handlers, filtered }: ListProps) {
  const m = useMessages().watches;
  if (watches.error && !watches.data) return <Failure error={watches.error} retry={() => void watches.refetch()} />;
  if (!watches.data) return <Loading />;
  if (watches.data.data.length > 0) return <WatchesTable watches={watches.data.data} handlers={handlers} />;
  if (filtered) return <Empty title={m.emptyState} />;
  return (
    <Empty title={m.empty} why={m.emptyHint}>
      <Link className="button primary" to="/">
        {m.toMarkets}
      </Link>
    </Empty>
  );
}
