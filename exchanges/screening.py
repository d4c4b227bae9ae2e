"""The one check of candle rows as they come in: against each other, the timeframe and the time. Pure.

What can be repaired is repaired (a range that excludes the open, a missing volume), the rest is dropped, and both are
counted by reason. An answer that is not of the requested timeframe at all raises Transient.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from exchanges.bars import Bars, IntArray, clean_bars, find_usable, repair_bars
from runtime.errors import Transient
from schemas.market import TIMEFRAMES

FUTURE = "opened in the future"
UNUSABLE = "had no usable prices or time"
OFF_GRID = "lay between two candles of the timeframe"
STRAY = "had a time far from all others"
WIDENED = "had an open or close outside their range, which was widened"
NO_VOLUME = "had no volume, taken as 0"

DROPS = (FUTURE, UNUSABLE, OFF_GRID, STRAY)
"""The reasons for which rows are dropped; the others were repaired and are used."""

_CLOCK_SLACK_MS = 60_000
"""A row that opens this much after `now` is not yet counted as an error: the clock is read before the candles."""

_MIN_ROWS = 8
"""Rows from which the grid of an answer can be read."""

_MAJORITY = 0.8

_FIRST_MS = 1_230_768_000_000
"""2009-01-01: no exchange has older candles of a coin."""

_STRAY_CANDLES = 1_000
_MAX_STRAYS = 3
"""At most this many leading rows, each more than _STRAY_CANDLES before the next, are junk stamps."""


@dataclass(slots=True)
class RowTally:
    """Counts rows by reason; the same row in two overlapping answers counts once."""

    _rows: dict[str, set[int]] = field(default_factory=dict)

    def add(self, reason: str, times: Iterable[int]) -> None:
        if new := set(times):
            self._rows.setdefault(reason, set()).update(new)

    def counts(self) -> dict[str, int]:
        """Return rows by reason, most frequent first."""
        counts = [(reason, len(times)) for reason, times in self._rows.items()]
        return dict(sorted(counts, key=lambda item: (-item[1], item[0])))

    def notes(self) -> tuple[str, ...]:
        """Return one sentence for each reason: `12 rows were dropped: they opened in the future`."""
        return tuple(_describe(reason, count) for reason, count in self.counts().items())


def screen_bars(bars: Bars, timeframe: str, now_ms: int | None, tally: RowTally) -> Bars:
    """Return the clean bars of one answer: sorted, unique, usable, on the timeframe's grid, none after `now_ms`.

    Raises Transient where the rows are evenly spaced at another timeframe.
    """
    bars = _scale_times(bars)
    usable = find_usable(bars) & (bars.time >= _FIRST_MS)
    tally.add(UNUSABLE, _keys(bars, ~usable))
    bars, widened, no_volume = repair_bars(bars[usable])
    tally.add(WIDENED, _keys(bars, widened))
    tally.add(NO_VOLUME, _keys(bars, no_volume))
    bars = clean_bars(bars)
    if now_ms is not None:
        tally.add(FUTURE, _keys(bars, bars.time > now_ms + _CLOCK_SLACK_MS))
        bars = bars[bars.time <= now_ms]
    return _check_grid(_drop_strays(bars, timeframe, tally), timeframe, tally)


def _drop_strays(bars: Bars, timeframe: str, tally: RowTally) -> Bars:
    """Drop oldest rows with junk stamps: paging would go on from there, and miss all candles between."""
    if len(bars) < _MIN_ROWS:
        return bars
    far = np.diff(bars.time[: _MAX_STRAYS + 1]) > _STRAY_CANDLES * TIMEFRAMES[timeframe]
    count = int(np.flatnonzero(far)[-1]) + 1 if far.any() else 0
    tally.add(STRAY, bars.time[:count].tolist())
    return bars[count:]


def _scale_times(bars: Bars) -> Bars:
    """Return bars with times in ms, whatever unit most of them are in: s, ms, us or ns."""
    positive = bars.time[bars.time > 0]
    if not positive.size:
        return bars
    time = to_milliseconds(bars.time, float(np.median(positive)))
    return Bars(time, *bars.columns()[1:])


def to_milliseconds(times: IntArray, typical: float) -> IntArray:
    """Return unix times in ms; the unit (s, ms, us or ns) follows from the size of a `typical` one."""
    if typical < 1e11:
        return times * 1_000
    for limit, divisor in ((1e14, 1), (1e17, 1_000)):
        if typical < limit:
            return times // divisor
    return times // 1_000_000


def _check_grid(bars: Bars, timeframe: str, tally: RowTally) -> Bars:
    if timeframe == "1M" or len(bars) < _MIN_ROWS:
        return bars
    length = TIMEFRAMES[timeframe]
    _check_spacing(bars, timeframe, length)
    phases, counts = np.unique(bars.time % length, return_counts=True)
    phase = int(phases[counts.argmax()])
    if counts.max() < _MAJORITY * len(bars):
        raise Transient(f"the exchange sent rows that are not candles of {timeframe}")
    on_grid = bars.time % length == phase
    if bool(on_grid.all()):
        return bars
    bars, on_grid = _align_newest(bars, on_grid, length, phase)
    tally.add(OFF_GRID, _keys(bars, ~on_grid))
    return bars[on_grid]


def _check_spacing(bars: Bars, timeframe: str, length: int) -> None:
    steps = np.diff(bars.time)
    usual = int(np.median(steps))
    if usual < length:
        raise Transient(f"the exchange sent candles {_spell(usual)} apart where {timeframe} was requested")
    if usual > length and usual in TIMEFRAMES.values() and len(bars) >= 2 * _MIN_ROWS and np.ptp(steps) == 0:
        raise Transient(f"the exchange sent candles {_spell(usual)} apart where {timeframe} was requested")


def _align_newest(
    bars: Bars, on_grid: NDArray[np.bool_], length: int, phase: int
) -> tuple[Bars, NDArray[np.bool_]]:
    """Move the newest row to the open time of its candle where it is stamped later and no other row has that time.

    Some exchanges stamp the running candle with the time of its last trade.
    """
    newest = int(bars.time[-1])
    opened = newest - (newest - phase) % length
    if on_grid[-1] or (len(bars) > 1 and opened <= bars.time[-2]):
        return bars, on_grid
    time, on_grid = bars.time.copy(), on_grid.copy()
    time[-1], on_grid[-1] = opened, True
    return Bars(time, *bars.columns()[1:]), on_grid


def _describe(reason: str, count: int) -> str:
    rows, they = ("row", "it") if count == 1 else ("rows", "they")
    action = ("was" if count == 1 else "were") + (" dropped" if reason in DROPS else " repaired")
    return f"{count} {rows} {action}: {they} {reason}"


def _keys(bars: Bars, chosen: NDArray[np.bool_]) -> list[int]:
    times: list[int] = bars.time[chosen].tolist()
    return times


def _spell(ms: int) -> str:
    """Return a duration as a timeframe (`5m`) or in seconds."""
    return next((name for name, length in TIMEFRAMES.items() if length == ms), f"{ms / 1_000:g} s")
