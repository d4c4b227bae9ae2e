import type { UseMutationResult } from "@tanstack/react-query";
import { useId, useState } from "react";
import { TIMEFRAMES } from "../format/market";
import { formatMoment, formatSpan } from "../format/time";
import { useLanguage } from "../i18n/language";
import { Choices } from "../ui/Choices";
import { Select } from "../ui/Select";
import { Trouble } from "../ui/Trouble";
import { CONDITIONS, COOLDOWNS, isClose, ON_MOVES, targetOf, type Draft, type Expiry } from "./draft";

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
  const { messages, locale } = useLanguage();
  const m = messages.watches;
  const id = useId();
  const [draft, setDraft] = useState(initial);
  const set = (change: Partial<Draft>) => setDraft((known) => ({ ...known, ...change }));
  const wrong = targetOf(draft) === null;
  const expiries = (Object.keys(m.expiries) as (keyof typeof m.expiries)[]).map(
    (one) => [one as Expiry, m.expiries[one]] as const,
  );
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
      <Choices
        label={m.side}
        value={draft.side}
        choices={[
          { value: "long", label: messages.common.long, tone: "long" },
          { value: "short", label: messages.common.short, tone: "short" },
        ]}
        onChoose={(side) => set({ side })}
      />
      <div className="form-pair">
        <div className="field">
          <label className="label" htmlFor={`${id}-target`}>
            {m.target}
          </label>
          <input
            id={`${id}-target`}
            className="input"
            inputMode="decimal"
            autoComplete="off"
            readOnly={bound}
            aria-invalid={wrong}
            aria-describedby={wrong ? `${id}-wrong` : undefined}
            value={draft.target}
            onChange={(event) => set({ target: event.target.value })}
          />
          {wrong && (
            <span className="error" id={`${id}-wrong`}>
              {m.targetWrong}
            </span>
          )}
        </div>
        <Select
          label={m.condition}
          value={draft.condition}
          options={CONDITIONS.map((one) => [one, m.conditions[one]] as const)}
          onChoose={(condition) => set({ condition })}
        />
      </div>
      {isNew && isClose(draft.condition) && !bound && (
        <Select
          label={m.closeOf}
          value={draft.timeframe}
          options={TIMEFRAMES.map((one) => [one as string, one] as const)}
          onChoose={(timeframe) => set({ timeframe })}
        />
      )}
      {isNew && bound && (
        <Select
          label={m.onMove}
          value={draft.onMove}
          options={ON_MOVES.map((one) => [one, m.onMoves[one]] as const)}
          onChoose={(onMove) => set({ onMove })}
        />
      )}
      <div className="form-pair">
        <div className="field">
          <span className="label">{m.repeat}</span>
          <Choices
            label={m.repeat}
            value={draft.repeat}
            choices={[
              { value: "once", label: m.once },
              { value: "always", label: m.always },
            ]}
            onChoose={(repeat) => set({ repeat })}
          />
        </div>
        {draft.repeat === "always" ? (
          <Select
            label={m.cooldown}
            value={String(draft.cooldown)}
            options={withOwn(COOLDOWNS, initial.cooldown).map(
              (one) => [String(one), one === 0 ? m.noCooldown : formatSpan(one, locale)] as const,
            )}
            onChoose={(cooldown) => set({ cooldown: Number(cooldown) })}
          />
        ) : (
          <Select
            label={m.expiry}
            value={draft.expiry}
            options={expiresAt ? [["keep", m.keepExpiry(formatMoment(expiresAt, locale))], ...expiries] : expiries}
            onChoose={(expiry) => set({ expiry })}
          />
        )}
      </div>
      {draft.repeat === "always" && (
        <Select
          label={m.expiry}
          value={draft.expiry}
          options={expiresAt ? [["keep", m.keepExpiry(formatMoment(expiresAt, locale))], ...expiries] : expiries}
          onChoose={(expiry) => set({ expiry })}
        />
      )}
      <div className="field">
        <label className="label" htmlFor={`${id}-note`}>
          {m.note}
        </label>
        <textarea
          id={`${id}-note`}
          className="textarea"
          maxLength={200}
          placeholder={m.notePlaceholder}
          value={draft.note}
          onChange={(event) => set({ note: event.target.value })}
        />
      </div>
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

function withOwn(known: readonly number[], own: number): number[] {
  return known.includes(own) ? [...known] : [...known, own].sort((a, b) => a - b);
}
