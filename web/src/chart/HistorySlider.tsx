import { useId } from "react";
import { useMessages } from "../i18n/language";
import { useTimeFormat } from "../ui/useTimeFormat";
import type { Publication } from "./publications";

interface SliderProps {
  /** Oldest first. */
  publications: readonly Publication[];
  /** `analyzed_at` of the displayed publication; null for the newest. */
  shown: string | null;
  onChoose: (at: string | null) => void;
  /** Undefined when there are no earlier ones. */
  loadEarlier: (() => void) | undefined;
}

/** Selects a past publication; the right end is the newest one. */
export function HistorySlider({ publications, shown, onChoose, loadEarlier }: SliderProps) {
  const m = useMessages().chart;
  const formatTime = useTimeFormat();
  const label = useId();
  const newest = publications.length - 1;
  if (newest < 1) return <p className="slider quiet">{m.onePublication}</p>;
  const found = shown ? publications.findIndex((one) => one.analyzed_at === shown) : newest;
  const text = shown ? m.publishedAt(formatTime(shown)) : m.now;
  return (
    <div className="slider">
      <span id={label} className="quiet">
        {m.publications}
      </span>
      {loadEarlier && (
        <button type="button" className="button quiet small" onClick={loadEarlier}>
          {m.earlierPublications}
        </button>
      )}
      <input
        type="range"
        min={0}
        max={newest}
        value={Math.max(0, found)}
        aria-labelledby={label}
        aria-valuetext={text}
        data-testid="publications"
        onChange={({ target }) => {
          const index = Number(target.value);
          onChoose(index >= newest ? null : (publications[index]?.analyzed_at ?? null));
        }}
      />
      <output className="number" data-testid="published">
        {text}
      </output>
      <button type="button" className="button small" disabled={!shown} onClick={() => onChoose(null)}>
        {m.backToNow}
      </button>
    </div>
  );
}
