import { useRef } from "react";
import { useMessages } from "../i18n/language";
import { useShortcut } from "../keys/shortcuts";
import { ConfluenceNote } from "./ConfluenceNote";
import { LayersIcon } from "./icons";
import { useCloseOutside } from "./useCloseOutside";
import type { OtherTimeframes } from "./useOtherTimeframes";

/** Chooses the other timeframes whose levels are shown beside the chart's own. */
export function TimeframesMenu({ others, past }: { others: OtherTimeframes; past: boolean }) {
  const m = useMessages().chart.others;
  const menu = useRef<HTMLDetailsElement>(null);
  useCloseOutside(menu);
  useShortcut({ combos: ["Shift+O"], group: "chart", label: m.title }, () => {
    if (!menu.current) return;
    menu.current.open = !menu.current.open;
    menu.current.querySelector("summary")?.focus();
  });
  const count = others.chosen.filter((one) => others.offered?.includes(one)).length;
  return (
    <details className="menu" ref={menu} onToggle={others.open}>
      <summary className="button small" aria-label={m.title} title={`${m.title} (Shift O)`} data-testid="timeframes-menu">
        <LayersIcon />
        {count > 0 && <span className="number">+{count}</span>}
      </summary>
      <div className="menu-panel">
        <h2>{m.title}</h2>
        <Choice {...others} />
        {past && <p className="quiet">{m.newestOnly}</p>}
        <ConfluenceNote />
      </div>
    </details>
  );
}

function Choice({ offered, chosen, choose, error }: OtherTimeframes) {
  const m = useMessages();
  if (error) return <p role="alert">{m.chart.others.failed}</p>;
  if (!offered) return <p role="status">{m.shell.loading} …</p>;
  if (offered.length === 0) return <p className="quiet">{m.chart.others.none}</p>;
  const toggle = (timeframe: string) =>
    choose(chosen.includes(timeframe) ? chosen.filter((one) => one !== timeframe) : [...chosen, timeframe]);
  return (
    <div className="choices" role="group" aria-label={m.chart.others.title}>
      {offered.map((timeframe) => (
        <button key={timeframe} type="button" aria-pressed={chosen.includes(timeframe)} onClick={() => toggle(timeframe)}>
          {timeframe}
        </button>
      ))}
    </div>
  );
}
