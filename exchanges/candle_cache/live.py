"""Joins closed candles, as they are published, to a market's cached series. Pure."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from exchanges.ports import Candle, Series
from exchanges.series import find_gaps, to_bars
from levels import Candles
from schemas.market import candle_end

SPARE = 100
"""Candles kept beyond the limit: as many closes may be analysed again after a revision, each as it was."""


def join_candle(known: Series, candle: Candle, timeframe: str, limit: int) -> Series | None:
    """Return `known` with `candle`, as a full fetch of `limit` just after its close counts it, and SPARE older ones.

    A candle that is there already replaces itself, so a revised one takes effect. None where candles are missing
    between the two, or where the candle is older than all of `known`: only the exchange can decide then.
    """
    closed = known.closed
    if not len(closed) or candle.time < closed.time[0]:
        return None
    if candle.time == candle_end(int(closed.time[-1]), timeframe):
        return _with_gaps(closed.followed_by(_to_candles(candle), limit + SPARE - 1), known, timeframe)
    position = int(np.searchsorted(closed.time, candle.time))
    if position < len(closed) and closed.time[position] == candle.time:
        return _replace(known, position, candle, timeframe)
    return None


def to_list(candles: Candles) -> list[Candle]:
    """Return the candles of a series one by one."""
    columns = (candles.time, candles.open, candles.high, candles.low, candles.close, candles.volume)
    return [Candle(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def join_candles(known: Series, candles: Iterable[Candle], timeframe: str, limit: int) -> Series | None:
    """Return `known` with all of `candles`, one after the other; None as `join_candle`."""
    joined: Series | None = known
    for candle in candles:
        if joined is not None:
            joined = join_candle(joined, candle, timeframe, limit)
    return joined


def take_closed(series: Series, count: int, timeframe: str) -> Series:
    """Return the newest `count` closed candles of a series, without the open one."""
    if len(series.closed) <= count and series.unclosed is None:
        return series
    closed = series.closed[max(0, len(series.closed) - count) :]
    kept = Series(closed, None, ())
    gaps = find_gaps(to_bars(kept), timeframe) if series.gaps else ()
    return Series(closed, None, gaps, series.notes)


def take_until(series: Series, last_ms: int, timeframe: str) -> Series | None:
    """Return the closed candles of a series until the one that opens at `last_ms`; None where it has none there."""
    stop = int(np.searchsorted(series.closed.time, last_ms, side="right"))
    if not stop or series.closed.time[stop - 1] != last_ms:
        return None
    closed = Series(series.closed[:stop], None, ())
    gaps = find_gaps(to_bars(closed), timeframe) if series.gaps else ()
    return Series(closed.closed, None, gaps, series.notes)


def _replace(known: Series, position: int, candle: Candle, timeframe: str) -> Series:
    closed, new = known.closed, _to_candles(candle)
    if closed[position : position + 1].digest() == new.digest():
        return known
    whole = closed[:position].followed_by(new, len(closed)).followed_by(closed[position + 1 :], len(closed))
    return _with_gaps(whole, known, timeframe)


def _with_gaps(closed: Candles, known: Series, timeframe: str) -> Series:
    series = Series(closed, None, (), known.notes)
    return replace(series, gaps=find_gaps(to_bars(series), timeframe)) if known.gaps else series


def _to_candles(candle: Candle) -> Candles:
    return Candles.of_bar(candle.time, candle.open, candle.high, candle.low, candle.close, candle.volume)
