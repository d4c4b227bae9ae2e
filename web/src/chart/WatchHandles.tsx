import { useEffect, useRef, useState } from "react";
import { useMessages } from "../i18n/language";
import type { PriceLink } from "./canvas/priceLink";
import { isMovable, stepPrice, type Watch } from "./marketWatches";

interface Props {
  link: PriceLink;
  watches: readonly Watch[];
  format: (price: number) => string;
  decimals: number;
  /** Called while a line is moved; null when the move was given up. */
  onMove: (move: Move | null) => void;
  onDrop: (watch: Watch, price: number) => void;
}

/** A watch whose line is elsewhere while it is being moved. */
export interface Move {
  id: string;
  price: number;
}

/** A grip on the line of each watch: dragged, or moved by the arrow keys (with Shift ten steps), Enter, Escape. */
export function WatchHandles({ watches, ...rest }: Props) {
  const m = useMessages().chart;
  const movable = watches.filter(isMovable);
  if (movable.length === 0) return null;
  return (
    <div className="watch-handles" role="group" aria-label={m.watchLines}>
      {movable.map((watch) => (
        <Handle key={watch.id} watch={watch} {...rest} />
      ))}
    </div>
  );
}

function Handle({ watch, link, format, decimals, onMove, onDrop }: Omit<Props, "watches"> & { watch: Watch }) {
  const m = useMessages();
  const grip = useRef<HTMLDivElement>(null);
  const [moved, setMoved] = useState<number | null>(null);
  const price = moved ?? watch.target;
  useEffect(
    () =>
      link.place(price, (y) => {
        const element = grip.current;
        if (!element) return;
        element.style.visibility = y === null ? "hidden" : "";
        element.style.top = `${y ?? 0}px`;
        element.style.right = `${link.axisWidth()}px`;
      }),
    [link, price],
  );
  const move = (next: number | null) => {
    setMoved(next);
    onMove(next === null ? null : { id: watch.id, price: next });
  };
  const drop = () => {
    if (moved !== null && moved !== watch.target) onDrop(watch, moved);
    else onMove(null);
    setMoved(null);
  };
  const onKeyDown = (event: { key: string; shiftKey: boolean; preventDefault: () => void; stopPropagation: () => void }) => {
    const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (steps !== undefined) move(stepPrice(price, steps * (event.shiftKey ? 10 : 1), decimals));
    else if (event.key === "Enter" || event.key === " ") drop();
    else if (event.key === "Escape") move(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={grip}
      className="watch-handle"
      role="slider"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={m.chart.moveWatch(m.common[watch.side])}
      aria-valuenow={price}
      aria-valuetext={format(price)}
      title={m.chart.moveWatchHint}
      data-testid="watch-handle"
      data-id={watch.id}
      data-moving={moved !== null || undefined}
      onKeyDown={onKeyDown}
      onBlur={() => moved !== null && drop()}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        event.preventDefault();
        event.currentTarget.focus();
      }}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
        const top = event.currentTarget.parentElement?.getBoundingClientRect().top ?? 0;
        const next = link.priceAt(event.clientY - top);
        if (next !== null && next > 0) move(stepPrice(next, 0, decimals));
      }}
      onPointerUp={drop}
      onPointerCancel={() => move(null)}
    />
  );
}
