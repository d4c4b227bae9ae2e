"""When an analysis is fresh: how many candles may have closed since. Pure; operators and metrics go by one rule."""

from datetime import datetime

from schemas.market import candle_open
from schemas.values import from_ms

MOST_BEHIND = 1
"""Candles that may have closed since without a market being stale: the newest may be under way."""


def newest_closed(now: datetime, timeframe: str) -> int:
    """The open time (ms) of the last candle that is closed at `now`."""
    return _before(candle_open(now, timeframe), timeframe)


def oldest_fresh(now: datetime, timeframe: str) -> int:
    """The open time (ms) that a market's last candle must have, or a later one, for the market to be fresh."""
    at = newest_closed(now, timeframe)
    for _ in range(MOST_BEHIND):
        at = _before(at, timeframe)
    return at


def _before(candle: int, timeframe: str) -> int:
    return candle_open(from_ms(candle - 1), timeframe)
