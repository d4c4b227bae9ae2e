"""Decides whether an analysis is fresh, by the candles closed since. Pure; the API and the metrics share this rule."""

from datetime import datetime

from schemas.market import candle_open
from schemas.values import from_ms

MAX_CANDLES_BEHIND = 1
"""Candles that may have closed since the analysed one: the newest may still be in progress."""


def newest_closed_candle(now: datetime, timeframe: str) -> int:
    """Return the open time (ms) of the last candle closed at `now`."""
    return _previous_candle(candle_open(now, timeframe), timeframe)


def oldest_fresh_candle(now: datetime, timeframe: str) -> int:
    """Return the earliest open time (ms) of a last analysed candle with which a market is fresh."""
    at = newest_closed_candle(now, timeframe)
    for _ in range(MAX_CANDLES_BEHIND):
        at = _previous_candle(at, timeframe)
    return at


def _previous_candle(candle: int, timeframe: str) -> int:
    return candle_open(from_ms(candle - 1), timeframe)
