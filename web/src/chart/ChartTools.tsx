import { useMessages } from "../i18n/language";
import { useShortcut } from "../keys/shortcuts";
import { ArrowIcon } from "../ui/icons";
import type { CandleChart } from "./canvas/openChart";

const STEP = 20;
const ZOOM = 1.3;

/** Buttons that scroll and zoom, for keyboard and touch. */
export function ChartTools({ chart }: { chart: CandleChart | null }) {
  const m = useMessages().chart;
  useShortcut({ combos: ["-"], group: "chart", label: m.zoomOut }, () => chart?.zoom(1 / ZOOM));
  useShortcut({ combos: ["+", "="], group: "chart", label: m.zoomIn }, () => chart?.zoom(ZOOM));
  useShortcut({ combos: [","], group: "chart", label: m.back }, () => chart?.scroll(-STEP));
  useShortcut({ combos: ["."], group: "chart", label: m.forward }, () => chart?.scroll(STEP));
  useShortcut({ combos: ["Shift+N"], group: "chart", label: m.newest }, () => chart?.showNewest());
  const tools = [
    { label: m.back, text: "‹", onClick: () => chart?.scroll(-STEP) },
    { label: m.zoomOut, text: "−", onClick: () => chart?.zoom(1 / ZOOM) },
    { label: m.zoomIn, text: "+", onClick: () => chart?.zoom(ZOOM) },
    { label: m.forward, text: "›", onClick: () => chart?.scroll(STEP) },
    { label: m.newest, text: <ArrowIcon />, onClick: () => chart?.showNewest() },
  ];
  return (
    <div className="chart-tools" role="group" aria-label={m.tools}>
      {tools.map(({ label, text, onClick }) => (
        <button key={label} type="button" aria-label={label} title={label} onClick={onClick}>
          {text}
        </button>
      ))}
    </div>
  );
}
