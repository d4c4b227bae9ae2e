import { useEffect, useReducer, useRef, type RefObject } from "react";

const OVERSCAN = 6; // rows beyond the edges, so that a fast scroll shows rows

export interface VirtualRows<E extends HTMLElement> {
  /** For the element that scrolls. */
  ref: RefObject<E | null>;
  /** Rows `from` (inclusive) to `to` (exclusive) are rendered. */
  from: number;
  to: number;
  /** Pixels of the rows before and after these. */
  before: number;
  after: number;
  /** Scroll so that a row is shown. */
  show: (index: number) => void;
}

/** Render only the rows of a long list that are in view; all have the same height. `head`: pixels above the first row. */
export function useVirtualRows<E extends HTMLElement>(count: number, height: number, head = 0): VirtualRows<E> {
  const ref = useRef<E>(null);
  const [view, setView] = useReducer(keepEqual, { first: 0, rows: 30 });
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const update = () =>
      setView({ first: Math.floor(element.scrollTop / height), rows: Math.ceil(element.clientHeight / height) });
    const observer = new ResizeObserver(update);
    observer.observe(element);
    element.addEventListener("scroll", update, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", update);
    };
  }, [height]);
  const from = Math.max(0, Math.min(view.first, count) - OVERSCAN);
  const to = Math.min(count, view.first + view.rows + OVERSCAN);
  const show = (index: number) => {
    const element = ref.current;
    if (!element) return;
    const top = index * height;
    const bottom = top + height + head;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
  };
  return { ref, from, to, before: from * height, after: (count - to) * height, show };
}

interface View {
  first: number;
  rows: number;
}

function keepEqual(known: View, next: View): View {
  return known.first === next.first && known.rows === next.rows ? known : next;
}
