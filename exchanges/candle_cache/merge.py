"""Joining what is new to what is known of a market, if the two leave no doubt. Pure."""

import numpy as np

from exchanges.bars import Bars
from exchanges.ports import FEWEST_NEW, Series
from exchanges.series import bars_of, gaps
from levels import Candles


def spliced(known: Series, fresh: Series, timeframe: str, limit: int) -> Series | None:
    """The newest `limit` candles of both, as one full fetch would bring them; None: only a full fetch will tell.

    `known` is what a full fetch of `limit` brought, `fresh` the newest part of the market now. There is doubt where
    they have no closed candle in common; where one in common is not the same in both (the exchange revised it, lost
    it or found it); where candles are missing that were not missing before; where the exchange has gone back behind
    what it said; where `fresh` is shorter than it need be; and where candles older than those known are wanted.
    """
    if not _agree(known.closed, fresh.closed) or _newly_missing(known, fresh, timeframe):
        return None
    if len(bars_of(fresh)) < FEWEST_NEW and fresh.closed.time[0] > known.closed.time[0]:
        return None
    old = bars_of(Series(known.closed, None, ()))
    whole = Bars.joined((old[old.time < fresh.closed.time[0]], bars_of(fresh)))[-limit:]
    if len(whole) < limit and _more_behind(known, fresh, limit):
        return None
    closed = whole if fresh.unclosed is None else whole[:-1]
    return Series(closed.candles(), fresh.unclosed, gaps(whole, timeframe))


def newest(series: Series, limit: int, timeframe: str) -> Series:
    """The newest `limit` candles of a longer series, the unclosed one among them."""
    closed = limit if series.unclosed is None else limit - 1
    if closed >= len(series.closed):
        return series
    kept = Series(series.closed[len(series.closed) - closed :], series.unclosed, ())
    return Series(kept.closed, kept.unclosed, gaps(bars_of(kept), timeframe))


def _agree(known: Candles, fresh: Candles) -> bool:
    """At least one candle in common, and where the two overlap the same ones in both."""
    if not len(known) or not len(fresh) or fresh.time[-1] < known.time[-1]:
        return False
    begin, end = max(known.time[0], fresh.time[0]), known.time[-1]
    ours, theirs = _between(known, begin, end), _between(fresh, begin, end)
    return len(ours) > 0 and all(
        np.array_equal(getattr(ours, name), getattr(theirs, name))
        for name in ("time", "open", "high", "low", "close", "volume")
    )


def _between(candles: Candles, begin: np.int64, end: np.int64) -> Candles:
    first, stop = np.searchsorted(candles.time, begin), np.searchsorted(candles.time, end, "right")
    return candles[int(first) : int(stop)]


def _newly_missing(known: Series, fresh: Series, timeframe: str) -> bool:
    found = gaps(bars_of(fresh), timeframe)
    return any(gap.time > known.closed.time[-1] and gap not in known.gaps for gap in found)


def _more_behind(known: Series, fresh: Series, limit: int) -> bool:
    """Whether the market may have candles older than those known: the full fetch left some out, or some turned up."""
    return len(bars_of(known)) >= limit or fresh.closed.time[0] < known.closed.time[0]
