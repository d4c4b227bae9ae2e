import type { KeyboardEvent } from "react";

interface Choice<T extends string> {
  value: T;
  label: string;
  /** Colour: `long` as a support, `short` as a resistance. */
  tone?: string;
}

interface Props<T extends string> {
  label: string;
  value: T;
  choices: readonly Choice<T>[];
  onChoose: (value: T) => void;
}

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** A few choices side by side, one of which is selected: a radio group, whose selection the arrow keys move. */
export function Choices<T extends string>({ label, value, choices, onChoose }: Props<T>) {
  const moveBy = (event: KeyboardEvent<HTMLButtonElement>, index: number) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = (index + step + choices.length) % choices.length;
    const choice = choices[next];
    if (choice) onChoose(choice.value);
    (event.currentTarget.parentElement?.children[next] as HTMLElement | undefined)?.focus();
  };
  return (
    <div className="choices" role="radiogroup" aria-label={label}>
      {choices.map((choice, index) => (
        <button
          key={choice.value}
          type="button"
          role="radio"
          aria-checked={choice.value === value}
          tabIndex={choice.value === value ? 0 : -1}
          data-tone={choice.tone}
          data-checked={choice.value === value ? "" : undefined}
          onClick={() => onChoose(choice.value)}
          onKeyDown={(event) => moveBy(event, index)}
        >
          {choice.label}
        </button>
      ))}
    </div>
  );
}
