"""Levels as they were known: at each close of a series, those that `analyze` finds in the candles until then.

Windows that follow one another share nearly everything. Pivots and the means of ranges and volume are computed once for
the whole series, and the visits to a zone once for each anchor; only the choice of zones and levels is made at each
close, by the code that `analyze` uses. The levels are equal to those of `analyze`, bit for bit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from levels.analysis import MAX_GROWN_WIDTH, WIDTH_BARS, analyze
from levels.candles import Candles, FloatArray, IntArray
from levels.errors import TooFewCandles
from levels.evidence import Visits, true_ranges
from levels.params import Params
from levels.pivots import Pivots
from levels.replay.sliding_pivots import SlidingPivots
from levels.replay.zone_history import COUNTS, MarketSeries, trace_zone
from levels.results import Level, round_significant
from levels.rolling import median, trailing_mean
from levels.selection import select
from levels.zone_summaries import ZoneSummaries, count_pivots
from levels.zones import Zones, find_zones

WINDOW: Final = 2_000
"""Candles of an analysis, as the product makes them by default."""

_MAX_EDGE = 50
"""Beyond this least order of a pivot nothing is gained by sharing."""

_NONE: Final = np.zeros(0, dtype=np.int64)
_NO_VISITS: Final = Visits(
    _NONE, _NONE, _NONE, np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.int8), np.zeros(0)
)
_COLUMN = {name: number for number, name in enumerate(COUNTS)}


@dataclass(frozen=True, slots=True)
class Close:
    """What was known at one close: the candle's open time in ms, its close, and the levels, best first a side."""

    candle_at: int
    last_price: float
    levels: tuple[Level, ...]


def replay(
    candles: Candles,
    params: Params = Params(),  # noqa: B008 - frozen
    *,
    window: int = WINDOW,
    start: int = 0,
) -> Iterator[Close]:
    """Yield what was known at the close of each candle from `start` on, from at most `window` candles until then.

    A close before which there are too few candles has no levels. Raises InvalidParams as `analyze` does.
    """
    shared = _Windows(candles, params, window) if _is_shareable(params, window) else None
    for stop in range(start + 1, len(candles) + 1):
        begin = max(0, stop - window)
        levels = shared.find_levels(begin, stop) if shared and stop - begin == window else None
        if levels is None:
            levels = _analyze(candles[begin:stop], params)
        yield Close(int(candles.time[stop - 1]), round_significant(float(candles.close[stop - 1])), levels)


def _analyze(candles: Candles, params: Params) -> tuple[Level, ...]:
    try:
        return analyze(candles, params).levels
    except TooFewCandles:
        return ()


def _is_shareable(params: Params, window: int) -> bool:
    """Return whether the evidence of a window has a history, and so does not depend on where the window begins."""
    return (
        params.method in {"score", "p_hold"}
        and params.windows[0] <= _MAX_EDGE
        and window >= 3 * _history_bars(params)
    )


def _history_bars(params: Params) -> int:
    return max(params.volume_window, params.windows[-1], params.atr_window, WIDTH_BARS)


class _Windows:
    """All windows of `window` candles of a series, which need not be visited in order."""

    def __init__(self, candles: Candles, params: Params, window: int) -> None:
        self._candles, self._params, self._window = candles, params, window
        self._first_bar = _history_bars(params)
        self._ranges = true_ranges(candles)
        self._atr = trailing_mean(self._ranges, params.atr_window)
        self._width_atr = trailing_mean(self._ranges, WIDTH_BARS)
        self._pivots = SlidingPivots(candles, params.windows, plateaus=params.plateaus)
        self._holes = _find_large_gaps(candles, params.max_hole)
        self._histories = _Histories(
            MarketSeries(
                candles,
                trailing_mean(candles.volume, params.volume_window),
                1.0 + params.leave_atr * self._atr,
            ),
            bars=window - self._first_bar,
        )

    def find_levels(self, start: int, stop: int) -> tuple[Level, ...] | None:
        """Return the levels of a window; None where it has to be analyzed by itself."""
        if np.searchsorted(self._holes, start, side="right") < np.searchsorted(self._holes, stop):
            return None
        series, params = self._candles[start:stop], self._params
        pivots = self._pivots.cut(start, stop)
        ranges = self._cut_ranges(start, stop)
        atr = _cut_means(self._atr, ranges, params.atr_window, start, stop)
        usual = median(atr)
        zones = find_zones(
            pivots,
            self._measure_widths(pivots, ranges, start),
            apart=params.separation_atr * usual,
            minor_apart=params.minor_separation_atr * usual,
            first_bar=self._first_bar,
            anchor_order=params.anchor_order,
        )
        if not len(zones):
            return ()
        if not _is_in_order(zones):
            return None
        summaries = self._summarize(pivots, zones, ranges, atr, start, stop)
        last = round_significant(float(series.close[-1]))
        return select(series, summaries, params, last)

    def _cut_ranges(self, start: int, stop: int) -> FloatArray:
        """Return the true ranges of a window, before whose first candle there is no close."""
        ranges = self._ranges[start:stop].copy()
        ranges[0] = self._candles.high[start] / self._candles.low[start] - 1.0
        return ranges

    def _measure_widths(self, pivots: Pivots, ranges: FloatArray, start: int) -> FloatArray:
        params = self._params
        if params.tolerance_atr is None:
            return np.full(len(pivots), params.tolerance)
        atr = self._width_atr[start + pivots.bar]
        early = int(np.searchsorted(pivots.bar, WIDTH_BARS))
        atr[:early] = trailing_mean(ranges[:WIDTH_BARS], WIDTH_BARS)[pivots.bar[:early]]
        return np.maximum(np.minimum(params.tolerance_atr * atr, MAX_GROWN_WIDTH), params.tolerance)

    def _summarize(
        self, pivots: Pivots, zones: Zones, ranges: FloatArray, atr: FloatArray, start: int, stop: int
    ) -> ZoneSummaries:
        """Do what `summarize_zones` does, from the histories of the zones."""
        anchor_bar = pivots.bar[zones.anchor]
        is_high = pivots.is_high[zones.anchor]
        counts, volumes = self._histories.look_up(anchor_bar + start, is_high, zones, start, stop)
        known_bar = np.minimum(anchor_bar + pivots.orders[0], stop - start - 1)
        confirmed_bar, windows, pivot_count = count_pivots(pivots, zones, known_bar)
        return ZoneSummaries(
            pivots,
            zones,
            _NO_VISITS,
            from_low=~is_high,
            anchor_bar=anchor_bar,
            known_bar=known_bar,
            first_bar=counts[:, _COLUMN["first_bar"]] - start,
            last_bar=counts[:, _COLUMN["last_bar"]] - start,
            confirmed_bar=np.maximum(confirmed_bar, counts[:, _COLUMN["decided_bar"]] - start),
            touches=counts[:, _COLUMN["touches"]],
            bounces=counts[:, _COLUMN["bounces"]],
            breaks=counts[:, _COLUMN["breaks"]],
            role_changes=counts[:, _COLUMN["role_changes"]],
            pivot_count=pivot_count,
            relative_volume=volumes,
            windows=windows,
            ranges=ranges,
            atr=atr,
        )


class _Histories:
    """The histories of the zones about the anchors of a window, each kept for as long as the window has its anchor."""

    def __init__(self, series: MarketSeries, bars: int) -> None:
        self._series, self._bars = series, bars
        self._place: dict[int, int] = {}
        self._free: list[int] = []
        self._counts = np.zeros((0, bars, len(COUNTS)), dtype=np.int64)
        self._volumes = np.zeros((0, bars))

    def look_up(
        self, anchor: IntArray, is_high: NDArray[np.bool_], zones: Zones, start: int, stop: int
    ) -> tuple[NDArray[np.int64], FloatArray]:
        """Return the counts and mean volumes of zones at the last close; `anchor` counts in the whole series."""
        keys = (2 * anchor + is_high).tolist()
        missing = [zone for zone, key in enumerate(keys) if key not in self._place]
        if missing:
            self._drop_before(start)
            for zone in missing:
                self._add(keys[zone], float(zones.low[zone]), float(zones.high[zone]))
        places = [self._place[key] for key in keys]
        age = stop - 1 - anchor
        return self._counts[places, age], self._volumes[places, age]

    def _add(self, key: int, low: float, high: float) -> None:
        anchor, is_high = key >> 1, bool(key & 1)
        counts, volumes = trace_zone(self._series, anchor, is_high, low, high, self._bars)
        place = self._take_place()
        self._counts[place, : len(counts)] = counts
        self._volumes[place, : len(volumes)] = volumes
        self._place[key] = place

    def _take_place(self) -> int:
        if not self._free:
            size = len(self._counts)
            more = max(64, size)
            self._counts = np.concatenate((self._counts, np.zeros((more, *self._counts.shape[1:]), np.int64)))
            self._volumes = np.concatenate((self._volumes, np.zeros((more, self._bars))))
            self._free = list(range(size, size + more))
        return self._free.pop()

    def _drop_before(self, start: int) -> None:
        for key in [key for key in self._place if key >> 1 < start]:
            self._free.append(self._place.pop(key))


def _find_large_gaps(candles: Candles, max_hole: int) -> IntArray:
    """Return each candle before which a window could find a hole: it is large beside the least gap of all."""
    gap = np.diff(candles.time)
    if not gap.size:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(gap > (max_hole + 1) * gap.min()) + 1


def _cut_means(whole: FloatArray, ranges: FloatArray, window: int, start: int, stop: int) -> FloatArray:
    """Return the trailing means of a window: those that would reach back before it have fewer bars."""
    means = whole[start:stop].copy()
    means[:window] = trailing_mean(ranges[:window], window)
    return means


def _is_in_order(zones: Zones) -> bool:
    """Return whether the edges ascend, as they do unless the whole market is narrower than a zone."""
    width = zones.high / zones.low
    edges = np.stack((zones.low, zones.high, zones.low / width, zones.high * width))
    return bool((edges[:, 1:] >= edges[:, :-1]).all())
