/** The parts of the watch form: each shows some of the draft, and changes it. */
import { useId } from "react";
import { TIMEFRAMES } from "../format/market";
import { formatMoment, formatSpan } from "../format/time";
import { useLanguage, useMessages } from "../i18n/language";
import { Choices } from "../ui/Choices";
import { Select } from "../ui/Select";
import { CONDITIONS, COOLDOWNS, isClose, ON_MOVES, type Draft, type Expiry } from "./draft";

interface Part {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
}

export function SideChoice({ draft, set }: Part) {
  const m = useMessages();
  return (
    <Choices
      label={m.watches.side}
      value={draft.side}
      choices={[
        { value: "long", label: m.common.long, tone: "long" },
        { value: "short", label: m.common.short, tone: "short" },
      ]}
      onChoose={(side) => set({ side })}
    />
  );
}

/** `bound`: the price is that of a level, and not for the reader to say. */
export function TargetField({ draft, set, bound, wrong }: Part & { bound: boolean; wrong: boolean }) {
  const m = useMessages().watches;
  const id = useId();
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        {m.target}
      </label>
      <input
        id={id}
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
  );
}

export function ConditionSelect({ draft, set }: Part) {
  const m = useMessages().watches;
  return (
    <Select
      label={m.condition}
      value={draft.condition}
      options={CONDITIONS.map((one) => [one, m.conditions[one]] as const)}
      onChoose={(condition) => set({ condition })}
    />
  );
}

/** What becomes of a level's watch when the level moves; of which candle a price's watch waits for the close. */
export function LevelOrClose({ draft, set, bound }: Part & { bound: boolean }) {
  const m = useMessages().watches;
  if (bound) {
    return (
      <Select
        label={m.onMove}
        value={draft.onMove}
        options={ON_MOVES.map((one) => [one, m.onMoves[one]] as const)}
        onChoose={(onMove) => set({ onMove })}
      />
    );
  }
  if (!isClose(draft.condition)) return null;
  return (
    <Select
      label={m.closeOf}
      value={draft.timeframe}
      options={TIMEFRAMES.map((one) => [one as string, one] as const)}
      onChoose={(timeframe) => set({ timeframe })}
    />
  );
}

/** `cooldown`: the watch's own, which may be none of those offered. `expiresAt`: when an existing watch ends. */
export function RepeatAndExpiry({ draft, set, cooldown, expiresAt }: Part & { cooldown: number; expiresAt: string | null }) {
  const { messages, locale } = useLanguage();
  const m = messages.watches;
  const cooldowns = withOwn(COOLDOWNS, cooldown).map(
    (one) => [String(one), one === 0 ? m.noCooldown : formatSpan(one, locale)] as const,
  );
  return (
    <>
      <Choices
        label={m.repeat}
        value={draft.repeat}
        choices={[
          { value: "once", label: m.once },
          { value: "always", label: m.always },
        ]}
        onChoose={(repeat) => set({ repeat })}
      />
      <div className="form-pair">
        <ExpirySelect draft={draft} set={set} expiresAt={expiresAt} />
        {draft.repeat === "always" && (
          <Select
            label={m.cooldown}
            value={String(draft.cooldown)}
            options={cooldowns}
            onChoose={(chosen) => set({ cooldown: Number(chosen) })}
          />
        )}
      </div>
    </>
  );
}

function ExpirySelect({ draft, set, expiresAt }: Part & { expiresAt: string | null }) {
  const { messages, locale } = useLanguage();
  const m = messages.watches;
  const offered = (Object.keys(m.expiries) as (keyof typeof m.expiries)[]).map(
    (one) => [one as Expiry, m.expiries[one]] as const,
  );
  const kept = expiresAt ? [["keep" as Expiry, m.keepExpiry(formatMoment(expiresAt, locale))] as const] : [];
  return (
    <Select
      label={m.expiry}
      value={draft.expiry}
      options={[...kept, ...offered]}
      onChoose={(expiry) => set({ expiry })}
    />
  );
}

export function NoteField({ draft, set }: Part) {
  const m = useMessages().watches;
  const id = useId();
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        {m.note}
      </label>
      <textarea
        id={id}
        className="textarea"
        maxLength={200}
        placeholder={m.notePlaceholder}
        value={draft.note}
        onChange={(event) => set({ note: event.target.value })}
      />
    </div>
  );
}

function withOwn(known: readonly number[], own: number): number[] {
  return known.includes(own) ? [...known] : [...known, own].sort((one, other) => one - other);
}
