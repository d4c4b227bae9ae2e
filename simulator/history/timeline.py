"""Open times of candles. Weeks begin on Mondays and months on their first day, as on Binance; all else from 1970."""

import numpy as np
from numpy.typing import NDArray

from exchanges.bars import IntArray
from schemas.market import TIMEFRAMES

MINUTE = 60_000
HOUR = 3_600_000
DAY = 86_400_000

# 1970 began on a Thursday.
_FIRST_MONDAY = 4 * DAY


def open_time(time_ms: int, timeframe: str) -> int:
    """Return the open time (ms) of the candle that contains `time_ms`."""
    if timeframe == "1M":
        return _ms(_months(time_ms))
    offset = _FIRST_MONDAY if timeframe == "1w" else 0
    return time_ms - (time_ms - offset) % TIMEFRAMES[timeframe]


def shift_open_time(open_ms: int, timeframe: str, candles: int) -> int:
    """Return the open time of the candle that is `candles` later (earlier where negative)."""
    if timeframe == "1M":
        return _ms(_months(open_ms) + candles)
    return open_ms + candles * TIMEFRAMES[timeframe]


def open_times(first: int, last: int, timeframe: str) -> IntArray:
    """Return every open time from `first` to `last`, both open times and included. Empty if last < first."""
    if timeframe == "1M":
        months = np.arange(_months(first), _months(last) + 1)
        return months.astype("datetime64[ms]").astype(np.int64)
    return np.arange(first, last + 1, TIMEFRAMES[timeframe], dtype=np.int64)


def floor_to_open_times(times: IntArray, timeframe: str) -> IntArray:
    """Return `open_time` of each element."""
    if timeframe == "1M":
        months = times.astype("datetime64[ms]").astype("datetime64[M]")
        return months.astype("datetime64[ms]").astype(np.int64)
    offset = _FIRST_MONDAY if timeframe == "1w" else 0
    floored: NDArray[np.int64] = times - (times - offset) % TIMEFRAMES[timeframe]
    return floored


def _months(time_ms: int) -> np.datetime64:
    months: np.datetime64 = np.datetime64(time_ms, "ms").astype("datetime64[M]")
    return months


def _ms(month: np.datetime64) -> int:
    return int(month.astype("datetime64[ms]").astype(np.int64))
