"""When candles open. Weeks begin on Mondays and months on their first, as on Binance; all else counts from 1970."""

import numpy as np
from numpy.typing import NDArray

from exchanges.bars import IntArray
from schemas.market import TIMEFRAMES

MINUTE = 60_000
HOUR = 3_600_000
DAY = 86_400_000

# 1970 began on a Thursday.
_FIRST_MONDAY = 4 * DAY


def opening(time_ms: int, timeframe: str) -> int:
    """Open time (ms) of the candle in which `time_ms` lies."""
    if timeframe == "1M":
        return _ms(_months(time_ms))
    offset = _FIRST_MONDAY if timeframe == "1w" else 0
    return time_ms - (time_ms - offset) % TIMEFRAMES[timeframe]


def shifted(open_ms: int, timeframe: str, candles: int) -> int:
    """Open time of the candle that is `candles` later (earlier where negative)."""
    if timeframe == "1M":
        return _ms(_months(open_ms) + candles)
    return open_ms + candles * TIMEFRAMES[timeframe]


def openings(first: int, last: int, timeframe: str) -> IntArray:
    """Every open time from `first` to `last`, both of them open times and included. Empty if last < first."""
    if timeframe == "1M":
        months = np.arange(_months(first), _months(last) + 1)
        return months.astype("datetime64[ms]").astype(np.int64)
    return np.arange(first, last + 1, TIMEFRAMES[timeframe], dtype=np.int64)


def openings_of(times: IntArray, timeframe: str) -> IntArray:
    """`opening` for an array."""
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
