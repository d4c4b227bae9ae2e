import type { UseMutationResult } from "@tanstack/react-query";
import { useState } from "react";
import { useLanguage } from "../i18n/language";
import { ErrorNotice } from "../ui/ErrorNotice";
import { parsePrice } from "../format/parsePrice";
import { findTemplateError } from "./delivery";
import { DeliveryFields } from "./DeliveryFields";
import { parseWithin, type Draft } from "./draft";
import { ConditionSelect, DistanceFields, LevelOrClose, NoteField, RepeatAndExpiry, SideChoice, TargetField } from "./WatchFields";

interface Props {
  initial: Draft;
  /** The price is that of a level and cannot be edited. */
  bound: boolean;
  isNew?: boolean;
  expiresAt?: string | null;
  /** The last price, from which the distance of the typed one is shown. */
  last: number | null;
  why?: string;
  action: string;
  saving: UseMutationResult<unknown, Error, Draft>;
  onCancel: () => void;
}

export function WatchForm({ initial, bound, isNew = false, expiresAt, last, why, action, saving, onCancel }: Props) {
  const { messages } = useLanguage();
  const m = messages.watches;
  const [draft, setDraft] = useState(initial);
  const reading = parsePrice(draft.target);
  const noDistance = draft.condition === "approach" && parseWithin(draft) === null;
  const invalid = !("price" in reading) || noDistance || findTemplateError(draft.delivery.template) !== null;
  const field = { draft, set: (change: Partial<Draft>) => setDraft((known) => ({ ...known, ...change })) };
  return (
    <form
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!invalid && !saving.isPending) saving.mutate(draft);
      }}
    >
      {why !== undefined && <p className="quiet">{why}</p>}
      <SideChoice {...field} />
      <div className="form-pair">
        <TargetField {...field} bound={bound} reading={reading} last={last} />
        <ConditionSelect {...field} />
      </div>
      <DistanceFields {...field} />
      {isNew && <LevelOrClose {...field} bound={bound} />}
      <RepeatAndExpiry {...field} cooldown={initial.cooldown} expiresAt={expiresAt ?? null} />
      <NoteField {...field} />
      <DeliveryFields delivery={draft.delivery} set={(change) => field.set({ delivery: { ...draft.delivery, ...change } })} />
      <ErrorNotice error={saving.error} retry={() => saving.mutate(draft)} />
      <div className="dialog-foot">
        <button type="button" className="button" onClick={onCancel}>
          {messages.shell.cancel}
        </button>
        <button type="submit" className="button primary" disabled={invalid || saving.isPending} data-testid="save-watch">
          {saving.isPending ? m.saving : action}
        </button>
      </div>
    </form>
  );
}
