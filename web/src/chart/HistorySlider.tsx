import { useId } from "react";
import { useLanguage } from "../i18n/language";
import { momentText } from "./momentText";
import type { Published } from "./publications";

interface Sliding {
  /** Oldest first. */
  publications: readonly Published[];
  /** When the one shown was published (`analyzed_at`); null for the newest. */
  shown: string | null;
  choose: (at: string | null) => void;
  /** Undefined where there are none before the first. */
  loadEarlier: (() => void) | undefined;
}

/** Goes back through what was published; its right end is now. */
export function HistorySlider({ publications, shown, choose, loadEarlier }: Sliding) {
  const { messages, locale } = useLanguage();
  const m = messages.chart;
  const label = useId();
  const newest = publications.length - 1;
  if (newest < 1) return <p className="slider quiet">{m.onePublication}</p>;
  const found = shown ? publications.findIndex((one) => one.analyzed_at === shown) : newest;
  const said = shown ? m.publishedAt(momentText(shown, locale)) : m.now;
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
        aria-valuetext={said}
        data-testid="publications"
        onChange={({ target }) => {
          const index = Number(target.value);
          choose(index >= newest ? null : (publications[index]?.analyzed_at ?? null));
        }}
      />
      <output className="number" data-testid="published">
        {said}
      </output>
      <button type="button" className="button small" disabled={!shown} onClick={() => choose(null)}>
        {m.backToNow}
      </button>
    </div>
  );
}
