import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

/**
 * A text field that chooses from a list by the arrow keys, by the combobox pattern of ARIA: the focus stays in the
 * field. `initial` is the option that Enter takes before an arrow key was pressed; -1 for none.
 */
export function useListbox(count: number, { initial = -1, onPick }: { initial?: number; onPick: (index: number) => void }) {
  const id = useId();
  const [active, setActive] = useState(initial);
  const list = useRef<HTMLUListElement>(null);
  const index = Math.min(active, count - 1);
  useEffect(() => {
    list.current?.children[index]?.scrollIntoView({ block: "nearest" });
  }, [index]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step !== undefined && count > 0) {
      event.preventDefault();
      setActive(index < 0 ? (step > 0 ? 0 : count - 1) : (index + step + count) % count);
    } else if (event.key === "Enter" && index >= 0) {
      event.preventDefault();
      onPick(index);
    }
  };
  return {
    reset: () => setActive(initial),
    field: {
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": count > 0,
      "aria-controls": id,
      "aria-activedescendant": index >= 0 ? `${id}-${index}` : undefined,
      autoComplete: "off",
      onKeyDown,
    },
    list: { ref: list, id, role: "listbox" },
    option: (at: number) => ({
      id: `${id}-${at}`,
      role: "option",
      "aria-selected": at === index,
      "data-highlighted": at === index ? "" : undefined,
      onPointerMove: () => setActive(at),
      // Not on click: the field would lose the focus first.
      onPointerDown: (event: { preventDefault: () => void }) => event.preventDefault(),
      onClick: () => onPick(at),
    }),
  } as const;
}
