"""Where candles begin on an exchange's calendar, and of which shorter ones they consist. Pure."""

from schemas.calendar import default_phase
from schemas.market import TIMEFRAMES, candle_open_of_ms


def open_of(exchange: str, time: int, timeframe: str) -> int:
    """Return the open time (ms) of the candle that contains `time`, on the exchange's calendar."""
    phase = None if timeframe == "1M" else default_phase(exchange, timeframe)
    return candle_open_of_ms(time, timeframe, phase)


def part_of(timeframe: str) -> str:
    """Return the timeframe whose candles add up to one of `timeframe`."""
    length = TIMEFRAMES[timeframe]
    return "1m" if length <= TIMEFRAMES["1h"] else "1h" if length <= TIMEFRAMES["1d"] else "1d"
