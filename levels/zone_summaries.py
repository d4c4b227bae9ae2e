"""Zone summaries: visits and pivots counted per zone."""

from dataclasses import dataclass

import numpy as np

from levels.candles import FloatArray, IntArray
from levels.evidence import BOUNCED, BROKE, Visits
from levels.pivots import BoolArray, Pivots
from levels.zones import Zones


@dataclass(frozen=True, slots=True, eq=False)
class ZoneSummaries:
    """Per zone, (z,) each; bars are indices into the series.

    from_low   its anchor is a low
    anchor_bar, known_bar    the anchor's bar, and the one whose close confirmed it
    first_bar, last_bar      of the first visit, and the first bar of the last one
    confirmed_bar            the bar at whose close all of this was known
    touches, bounces, breaks, role_changes, pivot_count    counts
    relative_volume          mean over its visits
    windows    bit k: orders[k] sees a pivot in it
    ranges, atr    (n,) true ranges of the candles and their means, as fractions of price
    """

    pivots: Pivots
    zones: Zones
    visits: Visits
    from_low: BoolArray
    anchor_bar: IntArray
    known_bar: IntArray
    first_bar: IntArray
    last_bar: IntArray
    confirmed_bar: IntArray
    touches: IntArray
    bounces: IntArray
    breaks: IntArray
    role_changes: IntArray
    pivot_count: IntArray
    relative_volume: FloatArray
    windows: IntArray
    ranges: FloatArray
    atr: FloatArray

    def __len__(self) -> int:
        return len(self.zones)


def summarize_zones(
    pivots: Pivots, zones: Zones, visits: Visits, ranges: FloatArray, atr: FloatArray
) -> ZoneSummaries:
    """Summarize visits and pivots per zone. Every zone has at least its anchor's visit."""
    count, n = len(zones), atr.size
    touches = np.bincount(visits.zone, minlength=count)
    ends = touches.cumsum()
    anchor_bar = pivots.bar[zones.anchor]
    known_bar = np.minimum(anchor_bar + pivots.orders[0], n - 1)
    confirmed_bar, windows, pivot_count = count_pivots(pivots, zones, known_bar)
    decided_bar = np.minimum(visits.last[ends - 1] + 1, n - 1)
    return ZoneSummaries(
        pivots,
        zones,
        visits,
        from_low=~pivots.is_high[zones.anchor],
        anchor_bar=anchor_bar,
        known_bar=known_bar,
        first_bar=visits.first[ends - touches],
        last_bar=visits.first[ends - 1],
        confirmed_bar=np.maximum(confirmed_bar, decided_bar),
        touches=touches,
        bounces=_count_by_zone(visits, visits.outcome == BOUNCED, count),
        breaks=_count_by_zone(visits, visits.outcome == BROKE, count),
        role_changes=_count_by_zone(visits, _mark_role_changes(visits), count),
        pivot_count=pivot_count,
        relative_volume=np.bincount(visits.zone, weights=visits.relative_volume, minlength=count) / touches,
        windows=windows,
        ranges=ranges,
        atr=atr,
    )


def _count_by_zone(visits: Visits, which: BoolArray, count: int) -> IntArray:
    return np.bincount(visits.zone[which], minlength=count)


def _mark_role_changes(visits: Visits) -> BoolArray:
    """Return which visits bounced from the other side right after one that broke."""
    changed = np.zeros(len(visits), dtype=np.bool_)
    changed[1:] = (
        (visits.zone[1:] == visits.zone[:-1])
        & (visits.outcome[:-1] == BROKE)
        & (visits.outcome[1:] == BOUNCED)
        & (visits.from_above[1:] != visits.from_above[:-1])
    )
    return changed


def count_pivots(pivots: Pivots, zones: Zones, known_bar: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return per zone: the bar by which its confirmed pivots were known, a mask of their orders, and their number."""
    zone = np.where(pivots.windows > 0, zones.locate(pivots.price), -1)
    inside = zone >= 0
    zone, mask = zone[inside], pivots.windows[inside]
    largest = np.array((0, *pivots.orders))[
        np.frexp(mask)[1]
    ]  # frexp's exponent: the place of the highest bit
    bar = known_bar.copy()
    np.maximum.at(bar, zone, pivots.bar[inside] + largest)
    windows = np.zeros(len(zones), dtype=np.int64)
    np.bitwise_or.at(windows, zone, mask)
    return bar, windows, np.bincount(zone, minlength=len(zones))
