/**
 * Draws the levels: each one's zone as a translucent band behind the candles and its price as a dashed line over them, both
 * from its anchor on; and a veil over what a past publication did not know.
 */
import type {
  IPrimitivePaneRenderer,
  ISeriesPrimitive,
  Logical,
  SeriesAttachedParameter,
  UTCTimestamp,
} from "lightweight-charts";
import type { DrawnLevel } from "../hitTest";
import type { Colours, Scene, SceneLevel } from "./scene";

const OPACITY = { band: 0.1, highlighted: 0.24, minor: 0.05 };
const DASH = 6; // pixels, of dashes and gaps
const MINOR_DASH = [1, 4] as const; // pixels, of a dot and the gap

type Target = Parameters<IPrimitivePaneRenderer["draw"]>[0];
type Attached = SeriesAttachedParameter;

export interface Bands extends ISeriesPrimitive {
  show: (scene: Scene, colours: Colours) => void;
  setFit: (fit: boolean) => void;
}

/** `onDrawn` is called with the positions of the levels whenever they change. */
export function createBands(first: Colours, onDrawn: (drawn: readonly DrawnLevel[]) => void): Bands {
  let attached: Attached | null = null;
  let scene: Scene = { levels: [], highlighted: null, watches: [], touches: null, veiledAfter: null };
  let colours = first;
  let fit = false;
  let placed: readonly DrawnLevel[] = [];
  let notified = "";

  const notify = (drawn: readonly DrawnLevel[]) => {
    const positions = JSON.stringify(drawn);
    if (positions === notified) return;
    notified = positions;
    queueMicrotask(() => onDrawn(drawn)); // the callback may use the chart, which is still painting
  };
  const draw = (target: Target) => {
    if (!attached) return;
    placed = placeLevels(attached, scene.levels);
    paintBands(target, placed, scene, colours);
    paintVeil(target, attached, scene.veiledAfter, colours);
    notify(placed);
  };
  const drawLines = (target: Target) => paintLines(target, placed, scene, colours);
  const views = [
    { zOrder: () => "bottom" as const, renderer: () => ({ draw }) },
    { zOrder: () => "normal" as const, renderer: () => ({ draw: drawLines }) },
  ];
  return {
    attached: (to) => {
      attached = to;
    },
    detached: () => {
      attached = null;
    },
    paneViews: () => views,
    autoscaleInfo: () => (fit ? priceRangeOf(scene.levels) : null),
    show(nextScene, nextColours) {
      [scene, colours] = [nextScene, nextColours];
      attached?.requestUpdate();
    },
    setFit(next) {
      fit = next;
      attached?.requestUpdate();
    },
  };
}

function placeLevels({ chart, series }: Attached, levels: readonly SceneLevel[]): DrawnLevel[] {
  const height = chart.panes()[0]?.getHeight() ?? 0;
  return levels.flatMap(({ id, price, low, high, since }) => {
    const [y, top, bottom] = [price, high, low].map((at) => series.priceToCoordinate(at));
    if (y == null || top == null || bottom == null) return [];
    const edge = y < 0 ? "above" : y > height ? "below" : null;
    return [{ id, y, top, bottom, left: since === null ? 0 : Math.max(0, findX(chart, since) ?? 0), edge }];
  });
}

/** Return where the candle of a time (ms) is; null without candles. */
function findX(chart: Attached["chart"], time: number): number | null {
  const scale = chart.timeScale();
  const index = scale.timeToIndex((time / 1000) as UTCTimestamp, true);
  return index === null ? null : scale.logicalToCoordinate(index as number as Logical);
}

function priceRangeOf(levels: readonly SceneLevel[]) {
  if (levels.length === 0) return null;
  const edges = levels.flatMap(({ low, high }) => [low, high]);
  return { priceRange: { minValue: Math.min(...edges), maxValue: Math.max(...edges) } };
}

function paintBands(target: Target, drawn: readonly DrawnLevel[], { levels, highlighted }: Scene, colours: Colours) {
  const known = new Map(levels.map((level) => [level.id, level]));
  target.useMediaCoordinateSpace(({ context, mediaSize }) => {
    for (const { id, top, bottom, left } of drawn) {
      const level = known.get(id);
      context.globalAlpha = id === highlighted ? OPACITY.highlighted : level?.minor ? OPACITY.minor : OPACITY.band;
      context.fillStyle = colours[level?.side ?? "support"];
      context.fillRect(left, top, Math.max(0, mediaSize.width - left), Math.max(1, bottom - top));
    }
    context.globalAlpha = 1;
  });
}

function paintLines(target: Target, drawn: readonly DrawnLevel[], { levels, highlighted }: Scene, colours: Colours) {
  const known = new Map(levels.map((level) => [level.id, level]));
  target.useBitmapCoordinateSpace(({ context, bitmapSize, horizontalPixelRatio, verticalPixelRatio }) => {
    const thin = Math.max(1, Math.floor(verticalPixelRatio));
    for (const { id, y, left, edge } of drawn) {
      if (edge) continue;
      const level = known.get(id);
      const dash = level?.minor && id !== highlighted ? MINOR_DASH : [DASH, DASH];
      context.setLineDash(dash.map((length) => length * horizontalPixelRatio));
      context.lineWidth = id === highlighted ? 2 * thin : thin;
      context.strokeStyle = colours[level?.side ?? "support"];
      const middle = Math.round(y * verticalPixelRatio) + (context.lineWidth % 2) / 2;
      context.beginPath();
      context.moveTo(left * horizontalPixelRatio, middle);
      context.lineTo(bitmapSize.width, middle);
      context.stroke();
    }
    context.setLineDash([]);
  });
}

function paintVeil(target: Target, { chart }: Attached, after: number | null, colours: Colours) {
  const x = after === null ? null : findX(chart, after);
  if (x === null) return;
  target.useMediaCoordinateSpace(({ context, mediaSize }) => {
    context.fillStyle = colours.veil;
    context.fillRect(x, 0, Math.max(0, mediaSize.width - x), mediaSize.height);
  });
}
