import { useId } from "react";
import { useMessages } from "../i18n/language";
import { findTemplateError, PLACEHOLDERS, type DeliveryDraft } from "./delivery";
import "./delivery.css";
import { useTargets } from "./useTargets";

interface Props {
  delivery: DeliveryDraft;
  set: (change: Partial<DeliveryDraft>) => void;
}

/** Who is notified of a fire, in which words, and when not: folded away, because most watches are like every other. */
export function DeliveryFields({ delivery, set }: Props) {
  const m = useMessages().delivery;
  const changed = delivery.targets !== null || delivery.template !== "" || delivery.muted;
  return (
    <details className="delivery" open={changed} data-testid="delivery">
      <summary>{m.title}</summary>
      <div className="delivery-fields">
        <TargetChoice delivery={delivery} set={set} />
        <TemplateField delivery={delivery} set={set} />
        <MuteFields delivery={delivery} set={set} />
      </div>
    </details>
  );
}

function TargetChoice({ delivery: { targets }, set }: Props) {
  const m = useMessages().delivery;
  const known = (useTargets().data?.data ?? []).filter(({ kind }) => kind !== "level_webhook").map(({ name }) => name);
  // One that is no longer configured stays visible, so that it can be removed.
  const names = [...known, ...(targets ?? []).filter((name) => !known.includes(name))];
  const toggle = (name: string, chosen: boolean) => {
    const next = chosen ? [...(targets ?? []), name] : (targets ?? names).filter((one) => one !== name);
    set({ targets: next.length === 0 || names.every((one) => next.includes(one)) ? null : next });
  };
  if (names.length === 0) return <p className="quiet small">{m.noTargets}</p>;
  return (
    <fieldset className="field">
      <legend className="label">{m.targets}</legend>
      {names.map((name) => (
        <label key={name} className="check">
          <input type="checkbox" checked={targets === null || targets.includes(name)} onChange={(event) => toggle(name, event.currentTarget.checked)} />
          {name}
          {!known.includes(name) && <span className="badge badge-bad">{m.unknownTarget}</span>}
        </label>
      ))}
      <span className="quiet small">{m.targetsHint}</span>
    </fieldset>
  );
}

function TemplateField({ delivery: { template }, set }: Props) {
  const m = useMessages().delivery;
  const id = useId();
  const error = findTemplateError(template);
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        {m.template}
      </label>
      <textarea
        id={id}
        className="textarea"
        maxLength={500}
        placeholder="{symbol} {condition} {target}"
        aria-invalid={error !== null}
        aria-describedby={`${id}-hint`}
        value={template}
        onChange={(event) => set({ template: event.currentTarget.value })}
      />
      <span id={`${id}-hint`} className={error === null ? "quiet small" : "error"}>
        {error === null ? m.templateHint(PLACEHOLDERS.map((one) => `{${one}}`).join(" ")) : error === "{" ? m.unpairedBrace : m.noPlaceholder(error)}
      </span>
    </div>
  );
}

function MuteFields({ delivery: { muted, start, end, zone }, set }: Props) {
  const m = useMessages().delivery;
  const id = useId();
  return (
    <fieldset className="field">
      <legend className="visually-hidden">{m.mute}</legend>
      <label className="check">
        <input type="checkbox" checked={muted} onChange={(event) => set({ muted: event.currentTarget.checked })} data-testid="mute" />
        {m.mute}
      </label>
      {muted && (
        <div className="mute-hours">
          <input type="time" className="input" required aria-label={m.muteFrom} value={start} onChange={(event) => set({ start: event.currentTarget.value })} />
          <span aria-hidden="true">–</span>
          <input type="time" className="input" required aria-label={m.muteUntil} value={end} onChange={(event) => set({ end: event.currentTarget.value })} />
          <label className="visually-hidden" htmlFor={`${id}-zone`}>
            {m.zone}
          </label>
          <input id={`${id}-zone`} className="input" value={zone} onChange={(event) => set({ zone: event.currentTarget.value })} />
        </div>
      )}
      {muted && <span className="quiet small">{m.muteHint}</span>}
    </fieldset>
  );
}
