import type { ReactNode } from "react";
import { useMessages } from "../i18n/language";
import { DeleteIcon, EditIcon, HistoryIcon, PauseIcon, PlayIcon } from "../ui/icons";
import type { Watch } from "./draft";

/** What can be done with a watch. */
export interface Act {
  turn: (watch: Watch, state: "active" | "paused") => void;
  edit: (watch: Watch) => void;
  look: (watch: Watch) => void;
  remove: (watch: Watch) => void;
}

export function WatchActions({ watch, act }: { watch: Watch; act: Act }) {
  const m = useMessages().watches;
  return (
    <div className="actions">
      {watch.state === "active" ? (
        <Action label={m.pause} of={watch} onClick={() => act.turn(watch, "paused")}>
          <PauseIcon />
        </Action>
      ) : (
        <Action label={m.resume} of={watch} onClick={() => act.turn(watch, "active")}>
          <PlayIcon />
        </Action>
      )}
      <Action label={m.change} of={watch} onClick={() => act.edit(watch)}>
        <EditIcon />
      </Action>
      <Action label={m.history} of={watch} onClick={() => act.look(watch)}>
        <HistoryIcon />
      </Action>
      <Action label={m.remove} of={watch} onClick={() => act.remove(watch)}>
        <DeleteIcon />
      </Action>
    </div>
  );
}

interface ActionProps {
  label: string;
  of: Watch;
  onClick: () => void;
  children: ReactNode;
}

function Action({ label, of, onClick, children }: ActionProps) {
  return (
    <button
      type="button"
      className="button quiet icon-only small"
      aria-label={`${label}: ${of.symbol} ${of.target}`}
      title={label}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
