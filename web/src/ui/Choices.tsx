import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";

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

/** A few choices side by side, one of which is selected. */
export function Choices<T extends string>({ label, value, choices, onChoose }: Props<T>) {
  return (
    <RadioGroup className="choices" aria-label={label} value={value} onValueChange={(next) => onChoose(next)}>
      {choices.map((choice) => (
        <Radio.Root key={choice.value} value={choice.value} data-tone={choice.tone} nativeButton render={<button />}>
          {choice.label}
        </Radio.Root>
      ))}
    </RadioGroup>
  );
}
