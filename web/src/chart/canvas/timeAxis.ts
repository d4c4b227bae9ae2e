/** The labels of the time axis in UTC or local time. */
import { defaultHorzScaleBehavior, TickMarkType, type IHorzScaleBehavior, type Time } from "lightweight-charts";
import { toOption, zoneOffset } from "../../format/zonedTime";
import type { Zone } from "../../ui/timeZone";

const FORMATS: Readonly<Record<TickMarkType, Intl.DateTimeFormatOptions>> = {
  [TickMarkType.Year]: { year: "numeric" },
  [TickMarkType.Month]: { month: "short" },
  [TickMarkType.DayOfMonth]: { day: "numeric" },
  [TickMarkType.Time]: { hour: "2-digit", minute: "2-digit", hour12: false },
  [TickMarkType.TimeWithSeconds]: { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false },
};

export function formatTick(time: Time, type: TickMarkType, locale: string, zone: Zone): string {
  return new Date((time as number) * 1000).toLocaleString(locale, { ...FORMATS[type], ...toOption(zone) });
}

type WeighedPoints = Parameters<IHorzScaleBehavior<Time>["fillWeightsForPoints"]>[0];
interface TimePoint {
  time: { timestamp: number };
}

/** Create a time scale whose days, months and years begin at midnight in `zone`; the library's begin at that of UTC. */
export function createTimeScale(zone: Zone): IHorzScaleBehavior<Time> {
  const Base = defaultHorzScaleBehavior();
  return new (class extends Base {
    override fillWeightsForPoints(points: WeighedPoints, start: number): void {
      if (zone === "utc") {
        super.fillWeightsForPoints(points, start);
        return;
      }
      const shifted = points.map((point) => ({ ...point, time: shift(point as unknown as TimePoint, zone) })) as unknown as WeighedPoints;
      super.fillWeightsForPoints(shifted, start);
      for (let at = start; at < points.length; at += 1) {
        const [point, weighed] = [points[at], shifted[at]];
        if (point && weighed) point.timeWeight = weighed.timeWeight;
      }
    }
  })();
}

function shift({ time }: TimePoint, zone: Zone) {
  return { ...time, timestamp: time.timestamp + zoneOffset(time.timestamp * 1000, zone) / 1000 };
}
