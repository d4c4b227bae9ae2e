import { useRef, type ReactNode } from "react";
import { useMessages } from "../i18n/language";
import { useShortcut } from "../keys/shortcuts";
import { Choices } from "../ui/Choices";
import { ZONES } from "../ui/timeZone";
import { PictureIcon, ScreenIcon, SettingsIcon, TableIcon } from "./icons";
import { useCloseOutside } from "./useCloseOutside";
import { CANDLE_COLOURS, type View } from "./view";

interface Props {
  view: View;
  onChange: (next: Partial<View>) => void;
  onPicture: () => void;
  full: boolean;
  onFull: (full: boolean) => void;
  /** What else is chosen beside it. */
  children: ReactNode;
}

/** How the chart is drawn: scale, time zone, colours of candles; and what is done with it: fullscreen, a picture. */
export function ViewMenu({ view, onChange, onPicture, full, onFull, children }: Props) {
  const m = useMessages().chart.view;
  const keys = { group: "chart" } as const;
  useShortcut({ combos: ["Shift+F"], ...keys, label: m.fitLevels }, () => onChange({ fitLevels: !view.fitLevels }));
  useShortcut({ combos: ["Shift+G"], ...keys, label: m.logarithmic }, () => onChange({ logarithmic: !view.logarithmic }));
  useShortcut({ combos: ["Shift+U"], ...keys, label: m.zone }, () => onChange({ zone: next(ZONES, view.zone) }));
  useShortcut({ combos: ["Shift+C"], ...keys, label: m.candles }, () => onChange({ candles: next(CANDLE_COLOURS, view.candles) }));
  useShortcut({ combos: ["Shift+X"], ...keys, label: m.fullscreen }, () => onFull(!full));
  useShortcut({ combos: ["Shift+S"], ...keys, label: m.picture }, onPicture);
  useShortcut({ combos: ["Shift+B"], ...keys, label: m.table }, () => onChange({ table: !view.table }));
  const menu = useRef<HTMLDetailsElement>(null);
  useCloseOutside(menu);
  return (
    <div className="view-tools" role="group" aria-label={m.title}>
      <button
        type="button"
        className="button small"
        aria-pressed={view.fitLevels}
        title={`${m.fitHint} (Shift F)`}
        onClick={() => onChange({ fitLevels: !view.fitLevels })}
        data-testid="fit-levels"
      >
        {m.fitLevels}
      </button>
      {children}
      <details className="menu" ref={menu}>
        <summary className="button small icon-only" aria-label={m.title} title={m.title} data-testid="view-menu">
          <SettingsIcon />
        </summary>
        <div className="menu-panel">
          <h2>{m.scale}</h2>
          <Choices
            label={m.scale}
            value={view.logarithmic ? "log" : "linear"}
            choices={[
              { value: "linear", label: m.linear },
              { value: "log", label: m.log },
            ]}
            onChoose={(value) => onChange({ logarithmic: value === "log" })}
          />
          <h2>{m.zone}</h2>
          <Choices label={m.zone} value={view.zone} choices={ZONES.map((value) => ({ value, label: m.zones[value] }))} onChoose={(zone) => onChange({ zone })} />
          <h2>{m.candles}</h2>
          <Choices
            label={m.candles}
            value={view.candles}
            choices={CANDLE_COLOURS.map((value) => ({ value, label: m.colours[value] }))}
            onChoose={(candles) => onChange({ candles })}
          />
        </div>
      </details>
      <button
        type="button"
        className="button small icon-only"
        aria-pressed={view.table}
        aria-label={m.table}
        title={`${m.table} (Shift B)`}
        onClick={() => onChange({ table: !view.table })}
        data-testid="table"
      >
        <TableIcon />
      </button>
      <button type="button" className="button small icon-only" aria-label={m.picture} title={`${m.picture} (Shift S)`} onClick={onPicture} data-testid="picture">
        <PictureIcon />
      </button>
      <button
        type="button"
        className="button small icon-only"
        aria-pressed={full}
        aria-label={m.fullscreen}
        title={`${m.fullscreen} (Shift X)`}
        onClick={() => onFull(!full)}
        data-testid="fullscreen"
      >
        <ScreenIcon />
      </button>
    </div>
  );
}

function next<T>(values: readonly T[], current: T): T {
  return values[(values.indexOf(current) + 1) % values.length] ?? current;
}
