import { useMessages } from "../i18n/language";
import { ArrowIcon } from "../ui/icons";
import type { CandleChart } from "./canvas/openChart";

const STEP = 20;
const ZOOM = 1.3;

/** What a mouse does by dragging, for keyboards and thumbs. */
export function ChartTools({ chart }: { chart: CandleChart | null }) {
  const m = useMessages().chart;
  const tools = [
    { label: m.back, text: "‹", act: () => chart?.scroll(-STEP) },
    { label: m.zoomOut, text: "−", act: () => chart?.zoom(1 / ZOOM) },
    { label: m.zoomIn, text: "+", act: () => chart?.zoom(ZOOM) },
    { label: m.forth, text: "›", act: () => chart?.scroll(STEP) },
    { label: m.newest, text: <ArrowIcon />, act: () => chart?.showNewest() },
  ];
  return (
    <div className="chart-tools" role="group" aria-label={m.tools}>
      {tools.map(({ label, text, act }) => (
        <button key={label} type="button" aria-label={label} title={label} onClick={act}>
          {text}
        </button>
      ))}
    </div>
  );
}
