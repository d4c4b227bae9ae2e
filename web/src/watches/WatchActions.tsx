import type { ReactNode } from "react";
import { useMessages } from "../i18n/language";
import { CopyIcon, DeleteIcon, EditIcon, HistoryIcon, PauseIcon, PlayIcon } from "../ui/icons";
import type { Watch } from "./draft";

/** What the buttons of a watch do. */
export interface WatchHandlers {
  setState: (watch: Watch, state: "active" | "paused") => void;
  edit: (watch: Watch) => void;
  duplicate: (watch: Watch) => void;
  showHistory: (watch: Watch) => void;
  remove: (watch: Watch) => void;
}

export function WatchActions({ watch, handlers }: { watch: Watch; handlers: WatchHandlers }) {
  const m = useMessages().watches;
  return (
    <div className="actions">
      {watch.state === "active" ? (
        <Action label={m.pause} of={watch} onClick={() => handlers.setState(watch, "paused")}>
          <PauseIcon />
        </Action>
      ) : (
        <Action label={m.resume} of={watch} onClick={() => handlers.setState(watch, "active")}>
          <PlayIcon />
        </Action>
      )}
      <Action label={m.change} of={watch} onClick={() => handlers.edit(watch)}>
        <EditIcon />
      </Action>
      <Action label={m.duplicate} of={watch} onClick={() => handlers.duplicate(watch)}>
        <CopyIcon />
      </Action>
      <Action label={m.history} of={watch} onClick={() => handlers.showHistory(watch)}>
        <HistoryIcon />
      </Action>
      <Action label={m.remove} of={watch} onClick={() => handlers.remove(watch)}>
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
