"""Decides whether an analysis is fresh, by the candles closed since. Pure; the API and the metrics share this rule."""

from datetime import datetime

from schemas.market import TIMEFRAMES, candle_open, candle_period
from schemas.values import from_ms, to_ms

MAX_CANDLES_BEHIND = 1
"""Candles that may have closed since the analysed one: the newest may still be in progress."""


def newest_closed_candle(now: datetime, timeframe: str) -> int:
    """Return the open time (ms) of the last candle closed at `now`."""
    return _previous_candle(candle_open(now, timeframe), timeframe)


def oldest_fresh_candle(now: datetime, timeframe: str) -> int:
    """Return the earliest open time (ms) of a last analysed candle with which a market is fresh.

    Counted in lengths of a candle from its own open time, since exchanges begin days and weeks at different times.
    """
    if timeframe != "1M":
        return to_ms(now) + 1 - (MAX_CANDLES_BEHIND + 2) * TIMEFRAMES[timeframe]
    at = newest_closed_candle(now, timeframe)
    for _ in range(MAX_CANDLES_BEHIND):
        at = _previous_candle(at, timeframe)
    return at


def count_candles_behind(candle_at: int, now: datetime, timeframe: str) -> int:
    """Return how many candles have closed since the one that opened at `candle_at` (ms), by its own calendar."""
    if timeframe == "1M":
        return max(0, candle_period(now, timeframe) - candle_period(from_ms(candle_at), timeframe) - 1)
    return max(0, (to_ms(now) - candle_at) // TIMEFRAMES[timeframe] - 1)


def _previous_candle(candle: int, timeframe: str) -> int:
    return candle_open(from_ms(candle - 1), timeframe)
