"""What is known of a zone at each close after its anchor, computed once for as long as the zone may be in a window.

A zone is defined by its anchor alone, and its visits by the candles from the anchor on, so every window of a sliding
series that has the anchor finds the same visits. The figures are those of `find_visits` and `summarize_zones`, bit for
bit: the tests compare them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from levels.candles import Candles, FloatArray, IntArray
from levels.evidence import NO_VOLUME
from levels.pivots import BoolArray

COUNTS = ("touches", "bounces", "breaks", "role_changes", "first_bar", "last_bar", "decided_bar")
"""Columns of the counts of a zone: see `ZoneSummaries`. Bars are indices into the whole series."""

_MAX_PREFIXES = 2**20


@dataclass(frozen=True, slots=True, eq=False)
class MarketSeries:
    """A whole series and its trailing means, which are equal in every window that has all their bars.

    usual_volume   (n,) means of the volume
    leave          (n,) ratios by which a close must be beyond an edge, besides the width, to leave a zone
    """

    candles: Candles
    usual_volume: FloatArray
    leave: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _VisitEnds:
    """Visits of one zone by time, (v,) each: first bar, last bar before the exit, side, and whether it bounced."""

    first: IntArray
    last: IntArray
    from_above: BoolArray
    bounced: BoolArray
    touching: IntArray
    """All bars that trade in the zone."""
    opens: IntArray
    """Where in `touching` each visit begins."""


def trace_zone(
    series: MarketSeries, anchor: int, is_high: bool, low: float, high: float, bars: int
) -> tuple[NDArray[np.int64], FloatArray]:
    """Return what is known of a zone at the close of each of `bars` candles from its anchor on.

    (bars, 7) counts in the order of COUNTS, and (bars,) mean relative volumes of its visits.
    """
    stop = min(anchor + bars, len(series.candles))
    visits = _find_visits(series, anchor, stop, is_high, low, high)
    size = stop - anchor
    begun = np.zeros(size, dtype=np.int64)
    begun[visits.first - anchor] = 1
    touches = np.cumsum(begun)
    of = touches - 1
    decided = np.minimum(visits.last[of] + 1, np.arange(anchor, stop))
    ended = visits.last + 1 < stop
    changed = np.zeros(visits.first.size, dtype=np.bool_)
    changed[1:] = (
        ~visits.bounced[:-1] & visits.bounced[1:] & (visits.from_above[1:] != visits.from_above[:-1])
    )
    exits = visits.last + 1 - anchor
    counts = np.stack(
        (
            touches,
            _count_until(exits[ended & visits.bounced], size),
            _count_until(exits[ended & ~visits.bounced], size),
            _count_until(exits[ended & changed], size),
            np.full(size, visits.first[0]),
            visits.first[of],
            decided,
        ),
        axis=1,
    )
    return counts, _mean_volumes(series, visits, touches, anchor)


def _count_until(bars: IntArray, size: int) -> IntArray:
    return np.cumsum(np.bincount(bars, minlength=size))


def _find_visits(
    series: MarketSeries, anchor: int, stop: int, is_high: bool, low: float, high: float
) -> _VisitEnds:
    candles, part = series.candles, slice(anchor, stop)
    close, leave = candles.close[part], series.leave[part]
    width = high / low
    not_above, not_below = high >= candles.low[part], low <= candles.high[part]
    inside = not_above & not_below
    near = (not_above | (high * width >= close / leave)) & (not_below | (low / width <= close * leave))
    run_starts = np.flatnonzero(near & ~np.concatenate(([False], near[:-1])))
    run_ends = np.flatnonzero(near & ~np.concatenate((near[1:], [False])))
    touching = np.flatnonzero(inside)
    run_of = np.searchsorted(run_starts, touching, side="right") - 1
    opens = np.flatnonzero(np.concatenate(([True], run_of[1:] != run_of[:-1])))
    first = touching[opens] + anchor
    last = run_ends[run_of[opens]] + anchor
    from_above = candles.close[first - 1] > high
    from_above[first == anchor] = not is_high
    left_above = candles.close[np.minimum(last + 1, stop - 1)] > high
    return _VisitEnds(first, last, from_above, left_above == from_above, touching + anchor, opens)


def _mean_volumes(series: MarketSeries, visits: _VisitEnds, touches: IntArray, anchor: int) -> FloatArray:
    """Return for each close the mean over the visits begun; the newest counts with its bars until then."""
    sizes = np.diff(np.append(visits.opens, visits.touching.size))
    own = _running_means(series.candles.volume[visits.touching], visits.opens, sizes)
    visit = np.repeat(np.arange(sizes.size), sizes)
    usual = series.usual_volume[np.maximum(visits.first - 1, 0)][visit]
    relative = np.divide(own, usual, out=np.ones_like(own), where=usual > NO_VOLUME)
    whole = np.cumsum(relative[visits.opens + sizes - 1])
    before = np.concatenate(([0.0], whole[:-1]))[visit]
    inside = np.zeros(touches.size, dtype=np.int64)
    inside[visits.touching - anchor] = 1
    means: FloatArray = (before + relative)[np.cumsum(inside) - 1] / touches
    return means


def _running_means(volume: FloatArray, opens: IntArray, sizes: IntArray) -> FloatArray:
    """Return for each bar of each visit the mean from the visit's first bar to it.

    Each is summed by itself: a running sum would differ in the last digit from the sum of a window that ends there.
    """
    place = np.arange(volume.size) - np.repeat(opens, sizes)
    lengths = place + 1
    start = np.arange(volume.size) - place
    means = np.empty(volume.size)
    begin = 0
    ends = np.cumsum(lengths)
    while begin < volume.size:
        reached = ends[begin - 1] if begin else 0
        end = max(int(np.searchsorted(ends, reached + _MAX_PREFIXES, side="right")), begin + 1)
        part = lengths[begin:end]
        offsets = np.cumsum(part) - part
        index = np.arange(int(part.sum())) - np.repeat(offsets - start[begin:end], part)
        means[begin:end] = np.add.reduceat(volume[index], offsets) / part
        begin = end
    return means
