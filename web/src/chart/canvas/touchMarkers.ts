/** The visits to one level as markers: an arrow away from a zone that held, a circle where it broke. Pure. */
import type { SeriesMarker, Time, UTCTimestamp } from "lightweight-charts";
import type { Visit } from "../visits";
import type { Colours, SceneTouches } from "./scene";

export function toTouchMarkers(touches: SceneTouches | null, colours: Colours): SeriesMarker<Time>[] {
  return (touches?.visits ?? []).map((visit) => toMarker(visit, touches as SceneTouches, colours));
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
