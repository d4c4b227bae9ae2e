/** The fields of the watch form: each shows and changes part of the draft. */
import { useId } from "react";
import { TIMEFRAMES } from "../format/market";
import { formatMoment, formatSpan } from "../format/time";
import type { PriceReading } from "../format/parsePrice";
import { distance } from "../format/distance";
import { formatExact, formatPercent } from "../format/price";
import { useLanguage, useMessages } from "../i18n/language";
import type { Messages } from "../i18n/messages";
import { Choices } from "../ui/Choices";
import { Select } from "../ui/Select";
import { CONDITIONS, COOLDOWNS, isCloseCondition, ON_MOVES, parseWithin, type Draft, type Expiry } from "./draft";

interface FieldProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
}

export function SideChoice({ draft, set }: FieldProps) {
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

interface TargetProps extends FieldProps {
  bound: boolean;
  reading: PriceReading;
  last: number | null;
}

/** `bound`: the price is that of a level and cannot be edited. `reading` is what the typed price means. */
export function TargetField({ draft, set, bound, reading, last }: TargetProps) {
  const m = useMessages().watches;
  const id = useId();
  const invalid = !("price" in reading);
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
        aria-invalid={invalid}
        aria-describedby={`${id}-reading`}
        value={draft.target}
        onChange={(event) => set({ target: event.target.value })}
      />
      <span className={invalid ? "error" : "quiet small"} id={`${id}-reading`} data-testid="target-reading">
        {invalid ? explainReading(reading, m) : !bound && describePrice(reading.price, last)}
      </span>
    </div>
  );
}

function describePrice(price: number, last: number | null): string {
  return `= ${formatExact(price)}${last ? ` (${formatPercent(distance(price, last))})` : ""}`;
}

function explainReading(reading: Exclude<PriceReading, { price: number }>, m: Messages["watches"]): string {
  if (reading.problem === "ambiguous") return m.targetAmbiguous(reading.whole, reading.decimal);
  return reading.problem === "zero" ? m.targetInvalid : m.targetNoNumber;
}

export function ConditionSelect({ draft, set }: FieldProps) {
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

/** How near the price must come, for an approach. */
export function DistanceFields({ draft, set }: FieldProps) {
  const m = useMessages().watches;
  const id = useId();
  if (draft.condition !== "approach") return null;
  const invalid = parseWithin(draft) === null;
  return (
    <div className="form-pair">
      <div className="field">
        <label className="label" htmlFor={id}>
          {m.within}
        </label>
        <input
          id={id}
          className="input"
          inputMode="decimal"
          autoComplete="off"
          aria-invalid={invalid}
          aria-describedby={`${id}-hint`}
          value={draft.within}
          onChange={(event) => set({ within: event.target.value })}
        />
        <span className={invalid ? "error" : "quiet small"} id={`${id}-hint`}>
          {invalid ? m.withinInvalid : m.withinHint}
        </span>
      </div>
      <Select
        label={m.unit}
        value={draft.unit}
        options={(["pct", "atr"] as const).map((one) => [one, m.units[one]] as const)}
        onChoose={(unit) => set({ unit })}
      />
    </div>
  );
}

/** For a level: what happens when it moves. For a price: whose close the condition waits for. */
export function LevelOrClose({ draft, set, bound }: FieldProps & { bound: boolean }) {
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
  if (!isCloseCondition(draft.condition)) return null;
  return (
    <Select
      label={m.closeOf}
      value={draft.timeframe}
      options={TIMEFRAMES.map((one) => [one as string, one] as const)}
      onChoose={(timeframe) => set({ timeframe })}
    />
  );
}

/** `cooldown` is the watch's own, which may not be among those offered; `expiresAt` is that of an existing watch. */
export function RepeatAndExpiry({ draft, set, cooldown, expiresAt }: FieldProps & { cooldown: number; expiresAt: string | null }) {
  const { messages, locale } = useLanguage();
  const m = messages.watches;
  const cooldowns = includeSelected(COOLDOWNS, cooldown).map(
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

function ExpirySelect({ draft, set, expiresAt }: FieldProps & { expiresAt: string | null }) {
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

export function NoteField({ draft, set }: FieldProps) {
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

function includeSelected(offered: readonly number[], selected: number): number[] {
  return offered.includes(selected) ? [...offered] : [...offered, selected].sort((one, other) => one - other);
}
