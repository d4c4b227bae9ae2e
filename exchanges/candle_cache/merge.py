"""Joins new candles to the cached ones of a market, if they fit unambiguously. Pure."""

import numpy as np

from exchanges.bars import Bars
from exchanges.ports import MIN_NEW_CANDLES, Series
from exchanges.series import find_gaps, to_bars
from levels import Candles


def merge_series(known: Series, fresh: Series, timeframe: str, limit: int) -> Series | None:
    """Return the newest `limit` candles of both, equal to one full fetch; None where only a full fetch can decide.

    `known` is the result of a full fetch of `limit`, `fresh` the newest part of the market now. None is returned where
    they have no closed candle in common; where a common one differs (the exchange revised, lost or added it); where
    candles are missing that were not missing before; where the exchange now ends earlier than before; where `fresh` is
    shorter than it need be; and where candles older than the known ones are needed.
    """
    if not _is_consistent(known.closed, fresh.closed) or _has_new_gap(known, fresh, timeframe):
        return None
    if len(to_bars(fresh)) < MIN_NEW_CANDLES and fresh.closed.time[0] > known.closed.time[0]:
        return None
    old = to_bars(Series(known.closed, None, ()))
    whole = Bars.concat((old[old.time < fresh.closed.time[0]], to_bars(fresh)))[-limit:]
    if len(whole) < limit and _may_have_older(known, fresh, limit):
        return None
    closed = whole if fresh.unclosed is None else whole[:-1]
    notes = (*known.notes, *(note for note in fresh.notes if note not in known.notes))
    return Series(closed.to_candles(), fresh.unclosed, find_gaps(whole, timeframe), notes)


def take_newest(series: Series, limit: int, timeframe: str) -> Series:
    """Return the newest `limit` candles of a longer series, the unclosed one included."""
    closed = limit if series.unclosed is None else limit - 1
    if closed >= len(series.closed):
        return series
    kept = Series(series.closed[len(series.closed) - closed :], series.unclosed, ())
    return Series(kept.closed, kept.unclosed, find_gaps(to_bars(kept), timeframe), series.notes)


def _is_consistent(known: Candles, fresh: Candles) -> bool:
    """Return whether the two have a candle in common, and the same ones wherever they overlap."""
    if not len(known) or not len(fresh) or fresh.time[-1] < known.time[-1]:
        return False
    begin, end = max(known.time[0], fresh.time[0]), known.time[-1]
    ours, theirs = _slice(known, begin, end), _slice(fresh, begin, end)
    return len(ours) > 0 and all(
        np.array_equal(getattr(ours, name), getattr(theirs, name))
        for name in ("time", "open", "high", "low", "close", "volume")
    )


def _slice(candles: Candles, begin: np.int64, end: np.int64) -> Candles:
    first, stop = np.searchsorted(candles.time, begin), np.searchsorted(candles.time, end, "right")
    return candles[int(first) : int(stop)]


def _has_new_gap(known: Series, fresh: Series, timeframe: str) -> bool:
    found = find_gaps(to_bars(fresh), timeframe)
    return any(gap.time > known.closed.time[-1] and gap not in known.gaps for gap in found)


def _may_have_older(known: Series, fresh: Series, limit: int) -> bool:
    """Return whether candles older than the known ones may exist: left out by the full fetch, or new since."""
    return len(to_bars(known)) >= limit or fresh.closed.time[0] < known.closed.time[0]
