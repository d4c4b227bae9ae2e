import type { UseMutationResult } from "@tanstack/react-query";
import { useState } from "react";
import { useLanguage } from "../i18n/language";
import { Trouble } from "../ui/Trouble";
import { targetOf, type Draft } from "./draft";
import { ConditionSelect, LevelOrClose, NoteField, RepeatAndExpiry, SideChoice, TargetField } from "./WatchFields";

interface Props {
  initial: Draft;
  /** The price is that of a level, and not for the reader to say. */
  bound: boolean;
  isNew?: boolean;
  expiresAt?: string | null;
  why?: string;
  action: string;
  saving: UseMutationResult<unknown, Error, Draft>;
  onCancel: () => void;
}

export function WatchForm({ initial, bound, isNew = false, expiresAt, why, action, saving, onCancel }: Props) {
  const { messages } = useLanguage();
  const m = messages.watches;
  const [draft, setDraft] = useState(initial);
  const wrong = targetOf(draft) === null;
  const part = { draft, set: (change: Partial<Draft>) => setDraft((known) => ({ ...known, ...change })) };
  return (
    <form
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!wrong && !saving.isPending) saving.mutate(draft);
      }}
    >
      {why !== undefined && <p className="quiet">{why}</p>}
      <SideChoice {...part} />
      <div className="form-pair">
        <TargetField {...part} bound={bound} wrong={wrong} />
        <ConditionSelect {...part} />
      </div>
      {isNew && <LevelOrClose {...part} bound={bound} />}
      <RepeatAndExpiry {...part} cooldown={initial.cooldown} expiresAt={expiresAt ?? null} />
      <NoteField {...part} />
      <Trouble error={saving.error} retry={() => saving.mutate(draft)} />
      <div className="dialog-foot">
        <button type="button" className="button" onClick={onCancel}>
          {messages.shell.cancel}
        </button>
        <button type="submit" className="button primary" disabled={wrong || saving.isPending} data-testid="save-watch">
          {saving.isPending ? m.saving : action}
        </button>
      </div>
    </form>
  );
}
