"""When an analysis is fresh: how many candles may have closed since. Pure; operators and metrics go by one rule."""

from datetime import datetime

from schemas.market import candle_open
from schemas.values import from_ms

MAX_CANDLES_BEHIND = 1
"""Candles that may have closed since without a market being stale: the newest may be under way."""


def newest_closed_candle(now: datetime, timeframe: str) -> int:
    """The open time (ms) of the last candle that is closed at `now`."""
    return _previous_candle(candle_open(now, timeframe), timeframe)


def oldest_fresh_candle(now: datetime, timeframe: str) -> int:
    """The open time (ms) that a market's last candle must have, or a later one, for the market to be fresh."""
    at = newest_closed_candle(now, timeframe)
    for _ in range(MAX_CANDLES_BEHIND):
        at = _previous_candle(at, timeframe)
    return at


def _previous_candle(candle: int, timeframe: str) -> int:
    return candle_open(from_ms(candle - 1), timeframe)
