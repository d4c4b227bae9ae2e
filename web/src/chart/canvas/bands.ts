/** Draws behind the candles: each level's zone as a translucent band, and a veil over what a past publication did not know. */
import type {
  IPrimitivePaneRenderer,
  ISeriesPrimitive,
  Logical,
  SeriesAttachedParameter,
  UTCTimestamp,
} from "lightweight-charts";
import type { DrawnLevel } from "../hitTest";
import type { Colours, Scene, SceneLevel } from "./scene";

const OPACITY = { band: 0.1, highlighted: 0.24 };

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
  let fit = true;
  let notified = "";

  const notify = (drawn: readonly DrawnLevel[]) => {
    const positions = JSON.stringify(drawn);
    if (positions === notified) return;
    notified = positions;
    queueMicrotask(() => onDrawn(drawn)); // the callback may use the chart, which is still painting
  };
  const draw = (target: Target) => {
    if (!attached) return;
    const drawn = placeLevels(attached, scene.levels);
    paintBands(target, drawn, scene, colours);
    paintVeil(target, attached, scene.veiledAfter, colours);
    notify(drawn);
  };
  const views = [{ zOrder: () => "bottom" as const, renderer: () => ({ draw }) }];
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

function placeLevels({ series }: Attached, levels: readonly SceneLevel[]): DrawnLevel[] {
  return levels.flatMap(({ id, price, low, high }) => {
    const [y, top, bottom] = [price, high, low].map((at) => series.priceToCoordinate(at));
    return y == null || top == null || bottom == null ? [] : [{ id, y, top, bottom }];
  });
}

function priceRangeOf(levels: readonly SceneLevel[]) {
  if (levels.length === 0) return null;
  const edges = levels.flatMap(({ low, high }) => [low, high]);
  return { priceRange: { minValue: Math.min(...edges), maxValue: Math.max(...edges) } };
}

function paintBands(target: Target, drawn: readonly DrawnLevel[], { levels, highlighted }: Scene, colours: Colours) {
  const sides = new Map(levels.map(({ id, side }) => [id, side]));
  target.useMediaCoordinateSpace(({ context, mediaSize }) => {
    for (const { id, top, bottom } of drawn) {
      context.globalAlpha = id === highlighted ? OPACITY.highlighted : OPACITY.band;
      context.fillStyle = colours[sides.get(id) ?? "support"];
      context.fillRect(0, top, mediaSize.width, Math.max(1, bottom - top));
    }
    context.globalAlpha = 1;
  });
}

function paintVeil(target: Target, { chart }: Attached, after: number | null, colours: Colours) {
  const scale = chart.timeScale();
  const index = after === null ? null : scale.timeToIndex((after / 1000) as UTCTimestamp, true);
  const x = index === null ? null : scale.logicalToCoordinate(index as number as Logical);
  if (x === null) return;
  target.useMediaCoordinateSpace(({ context, mediaSize }) => {
    context.fillStyle = colours.veil;
    context.fillRect(x, 0, Math.max(0, mediaSize.width - x), mediaSize.height);
  });
}
