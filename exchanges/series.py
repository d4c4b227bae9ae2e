"""Splits bars into a `Series`: closed candles, the open one, and the gaps."""

import numpy as np

from exchanges.bars import Bars
from exchanges.ports import Candle, Gap, Series
from schemas.market import TIMEFRAMES, candle_end

_MONTH_MS = TIMEFRAMES["1M"]


def to_series(bars: Bars, timeframe: str, now_ms: int | None, notes: tuple[str, ...] = ()) -> Series:
    """Return clean `bars` as a Series.

    Only the newest bar can still be open: every other has a successor. It is open unless `now_ms`, the exchange's
    time or an earlier one, has reached its end; with None (an exchange without a clock) it is open.
    """
    if not len(bars):
        return Series(bars.to_candles(), None, (), notes)
    is_open = now_ms is None or now_ms < candle_end(int(bars.time[-1]), timeframe)
    closed = bars[:-1] if is_open else bars
    unclosed = _candle(bars) if is_open else None
    return Series(closed.to_candles(), unclosed, find_gaps(bars, timeframe), notes)


def to_bars(series: Series) -> Bars:
    """Return the bars of a series, the unclosed one last."""
    closed, last = series.closed, series.unclosed
    bars = Bars(closed.time, closed.open, closed.high, closed.low, closed.close, closed.volume)
    if last is None:
        return bars
    row = [[last.time, last.open, last.high, last.low, last.close, last.volume]]
    return Bars.concat((bars, Bars.from_rows(row)))


def find_gaps(bars: Bars, timeframe: str) -> tuple[Gap, ...]:
    """Return where bars are missing between the oldest and the newest of `bars`."""
    before, after = bars.time[:-1], bars.time[1:]
    suspects = np.flatnonzero(after - before > _min_length(timeframe))
    found = (_to_gap(int(before[i]), int(after[i]), timeframe) for i in suspects)
    return tuple(gap for gap in found if gap)


def _min_length(timeframe: str) -> int:
    return 28 * TIMEFRAMES["1d"] if timeframe == "1M" else TIMEFRAMES[timeframe]


def _to_gap(before: int, after: int, timeframe: str) -> Gap | None:
    first = candle_end(before, timeframe)
    if first >= after:
        return None
    if timeframe == "1M":
        return Gap(first, max(1, round((after - first) / _MONTH_MS)))
    # A bar off the grid counts as one missing.
    return Gap(first, -(-(after - first) // TIMEFRAMES[timeframe]))


def _candle(bars: Bars) -> Candle:
    time, *prices = (column[-1] for column in bars.columns())
    return Candle(int(time), *(float(price) for price in prices))
