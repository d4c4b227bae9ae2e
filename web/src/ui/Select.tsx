import { useId } from "react";

interface Props<T extends string> {
  label: string;
  /** Hide the label visually; screen readers still read it. */
  quiet?: boolean;
  value: T;
  options: readonly (readonly [value: T, label: string])[];
  onChoose: (value: T) => void;
}

/** The browser's native select, which phones present in their own way. */
export function Select<T extends string>({ label, quiet = false, value, options, onChoose }: Props<T>) {
  const id = useId();
  return (
    <div className="field">
      <label className={quiet ? "visually-hidden" : "label"} htmlFor={id}>
        {label}
      </label>
      <select id={id} className="select" value={value} onChange={(event) => onChoose(event.target.value as T)}>
        {options.map(([one, name]) => (
          <option key={one} value={one}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
