"""Reads what an exchange returned for a fetch. Pure."""

from exchanges.ports import Candle, Series
from producers.feed.gaps import Fetch
from runtime.errors import Transient
from schemas.market import candle_end

_SETTLE_MS = 60_000
"""So long after its end a candle that an exchange lacks is one in which nothing was traded."""


def to_candles(series: Series) -> list[Candle]:
    """Return the closed candles of a series."""
    closed = series.closed
    columns = (closed.time, closed.open, closed.high, closed.low, closed.close, closed.volume)
    return [Candle(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def check_complete(series: Series, fetch: Fetch, now: int) -> None:
    """Raise Transient where an exchange has not come as far as the end of a fetch yet, shortly after that end."""
    times = series.closed.time
    reached = int(times[-1]) if len(times) else 0
    if candle_end(reached, fetch.timeframe) < fetch.end and now < fetch.end + _SETTLE_MS:
        raise Transient(f"the {fetch.timeframe} candle that ended at {fetch.end} cannot be fetched yet")
