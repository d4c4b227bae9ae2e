/**
 * The life of one level as markers: an arrow away from a zone that held, a circle where it broke, a square where the
 * level appeared (+) or changed its side (⇅). Pure.
 */
import type { SeriesMarker, Time, UTCTimestamp } from "lightweight-charts";
import type { LifeMark } from "../levelLife";
import type { Visit } from "../visits";
import type { Colours, SceneTouches } from "./scene";

export function toTouchMarkers(touches: SceneTouches | null, colours: Colours): SeriesMarker<Time>[] {
  if (!touches) return [];
  const visits = touches.visits.map((visit) => toMarker(visit, touches, colours));
  const life = touches.life.map((mark) => toLifeMarker(mark, touches, colours));
  return [...visits, ...life].toSorted((one, other) => Number(one.time) - Number(other.time));
}

function toLifeMarker({ at, kind }: LifeMark, { low, high }: SceneTouches, colours: Colours): SeriesMarker<Time> {
  const time = (at / 1000) as UTCTimestamp;
  const text = kind === "appeared" ? "+" : "⇅";
  return { time, position: "atPriceMiddle", price: (low + high) / 2, shape: "square", color: colours.text, size: 0.6, text };
}

function toMarker(visit: Visit, { low, high }: SceneTouches, colours: Colours): SeriesMarker<Time> {
  const time = (visit.at / 1000) as UTCTimestamp;
  if (visit.outcome !== "bounced") {
    const color = visit.outcome === "broke" ? colours.text : colours.watch;
    return { time, position: "atPriceMiddle", price: (low + high) / 2, shape: "circle", color, size: 0.7 };
  }
  return visit.from === "above"
    ? { time, position: "atPriceBottom", price: low, shape: "arrowUp", color: colours.support, size: 0.9 }
    : { time, position: "atPriceTop", price: high, shape: "arrowDown", color: colours.resistance, size: 0.9 };
}
