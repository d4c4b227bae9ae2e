"""Evidence: the visits to each zone since its anchor, computed for all zones at once.

A visit begins with the first bar that trades in the zone. It ends before the first bar that does not trade
there and closes farther from it than the zone's width plus a fraction of ATR: price hovering about an edge
is one visit. That bar, the exit, also decides: it closed on the side the visit came from (bounced) or beyond
(broke). Nothing here looks past the exit, so a later candle never changes a decided visit, and nothing looks
back past the anchor but the trailing means, so candles before it do not matter.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from levels.candles import Candles, FloatArray, IntArray
from levels.pivots import BoolArray, Pivots
from levels.rolling import trailing_mean
from levels.zones import Zones

NO_VOLUME = 1e-60
"""A mean volume up to this counts as none: dividing by it would magnify rounding, or overflow."""
UNDECIDED, BOUNCED, BROKE = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Visits:
    """Visits of all zones, ordered by zone, then time. All arrays have shape (v,).

    zone        int64, index into the zones
    first, last int64, bars: the first that traded in the zone, the last before the exit
    from_above  bool, the side it came from; the anchor's own visit comes from the side its pivot turned to
    outcome     int8, UNDECIDED (still there at the last candle), BOUNCED or BROKE
    relative_volume  float64, volume per bar of the bars in the zone, over the trailing mean before the visit
    """

    zone: IntArray
    first: IntArray
    last: IntArray
    from_above: BoolArray
    outcome: NDArray[np.int8]
    relative_volume: FloatArray

    def __len__(self) -> int:
        return int(self.zone.size)


def true_ranges(candles: Candles) -> FloatArray:
    """Return (n,) true ranges, each as a fraction of price: high / low - 1.

    Wilder's true range (New Concepts in Technical Trading Systems, 1978) taken as a ratio, so that it does
    not depend on the unit of price and a series turned upside down (1 / price) has the same.
    """
    top, bottom = candles.high.copy(), candles.low.copy()
    np.maximum(top[1:], candles.close[:-1], out=top[1:])
    np.minimum(bottom[1:], candles.close[:-1], out=bottom[1:])
    return top / bottom - 1.0


def relative_atr(candles: Candles, window: int) -> FloatArray:
    """Return (n,) means of the last `window` true ranges."""
    return trailing_mean(true_ranges(candles), window)


def find_visits(
    candles: Candles, pivots: Pivots, zones: Zones, atr: FloatArray, *, leave_atr: float, volume_window: int
) -> Visits:
    """Find every visit to every zone from its anchor on; an exit must clear the width and `leave_atr` of ATR."""
    bar, zone, inside = _bars_near_zones(candles, zones, atr, leave_atr)
    since = pivots.bar[zones.anchor]
    kept = bar >= since[zone]
    bar, zone, inside = bar[kept], zone[kept], inside[kept]
    # Bars near a zone without a break belong together; bar numbers jump where a run, or a zone, ends.
    run_starts = _run_starts((bar[1:] - bar[:-1] != 1) | (zone[1:] != zone[:-1]), bar.size)
    run_of = np.zeros(bar.size, dtype=np.int64)
    run_of[run_starts[1:]] = 1
    run_of.cumsum(out=run_of)
    touching = inside.nonzero()[0]
    run_touched = run_of[touching]
    opens = _run_starts(run_touched[1:] != run_touched[:-1], touching.size)
    begin = touching[opens]
    run_ends = np.concatenate((run_starts[1:], (bar.size,))) - 1
    first, last, of = bar[begin], bar[run_ends[run_of[begin]]], zone[begin]
    from_above = _came_from_above(candles, pivots, zones, first, of)
    return Visits(
        of,
        first,
        last,
        from_above,
        _decide_outcomes(candles, zones, last, of, from_above),
        _relative_volume(candles, bar[touching], opens, first, volume_window),
    )


def _run_starts(changes: BoolArray, size: int) -> IntArray:
    """Return where runs start among `size` entries, given whether each but the first differs from the one before."""
    changed = changes.nonzero()[0]
    starts = np.zeros(changed.size + 1 if size else 0, dtype=np.int64)
    np.add(changed, 1, out=starts[1:])
    return starts


def _bars_near_zones(
    candles: Candles, zones: Zones, atr: FloatArray, leave_atr: float
) -> tuple[IntArray, IntArray, BoolArray]:
    """Return all pairs (bar, zone) where the bar has not left the zone, by zone, then bar, and whether it trades there.

    Zones are equally wide and in order of price, so those near a bar are neighbours: two searches find them.
    """
    inside_from = zones.high.searchsorted(candles.low, side="left")
    inside_to = zones.low.searchsorted(candles.high, side="right")
    width = zones.high / zones.low
    step = 1.0 + leave_atr * atr
    near_from = (zones.high * width).searchsorted(candles.close / step, side="left")
    near_to = (zones.low / width).searchsorted(candles.close * step, side="right")
    start = np.minimum(near_from, inside_from)
    count = np.maximum(np.maximum(near_to, inside_to) - start, 0)
    bar = np.arange(len(candles)).repeat(count)
    zone = np.arange(bar.size) - (count.cumsum() - count - start).repeat(count)
    inside = (zone >= inside_from[bar]) & (zone < inside_to[bar])
    by_zone = zone.astype(np.int16 if len(zones) < 2**15 else np.int64).argsort(kind="stable")
    return bar[by_zone], zone[by_zone], inside[by_zone]


def _came_from_above(
    candles: Candles, pivots: Pivots, zones: Zones, first: IntArray, zone: IntArray
) -> BoolArray:
    """Return which visits came from above, by the bar before; the anchor's own visit by its pivot."""
    above: BoolArray = candles.close[first - 1] > zones.high[zone]
    anchor = zones.anchor[zone]
    return np.where(first == pivots.bar[anchor], ~pivots.is_high[anchor], above)


def _decide_outcomes(
    candles: Candles, zones: Zones, last: IntArray, zone: IntArray, from_above: BoolArray
) -> NDArray[np.int8]:
    decided = last + 1 < len(candles)
    leaver = candles.close[np.minimum(last + 1, len(candles) - 1)]
    left_above = leaver > zones.high[zone]
    outcome = np.where(left_above == from_above, BOUNCED, BROKE)
    return np.where(decided, outcome, UNDECIDED).astype(np.int8)


def _relative_volume(
    candles: Candles, touching: IntArray, opens: IntArray, first: IntArray, window: int
) -> FloatArray:
    """Return the mean volume of a visit's bars in the zone over that of `window` bars before; 1 where that is 0."""
    usual = trailing_mean(candles.volume, window)[np.maximum(first - 1, 0)]
    bars = np.concatenate((opens[1:], (touching.size,)))[: opens.size] - opens
    own = np.add.reduceat(candles.volume[touching], opens) / bars if opens.size else np.zeros(0)
    return np.divide(own, usual, out=np.ones_like(own), where=usual > NO_VOLUME)
