"""Where a follower begins: what is not published yet, and the parts of the candles that are open. Pure."""

from collections.abc import Collection, Mapping

from producers.feed.gaps import MAX_FETCH, MissingCandle
from producers.feed.spans import open_of, part_of
from schemas.market import TIMEFRAMES, candle_end

_HOUR = 3_600_000
_RECENT = 75 * 60_000
"""How far back (ms) a candle shows that its market was followed: as far as the topic is read."""


def unpublished_from(
    exchange: str, timeframes: Collection[str], now: int, published: Mapping[str, int]
) -> dict[str, int]:
    """Return the open time (ms) of the first candle to publish, by timeframe: the one after the last that is
    published, or the one that is open.

    Of a timeframe of which none is published it is the one that was open at the last candle of any other: a market
    followed then was followed in all its timeframes, and a feed that was killed before the first close of one owes it.
    """
    followed_at = max((time for time in published.values() if time > now - _RECENT), default=now)
    return {
        timeframe: min(open_of(exchange, now, timeframe), candle_end(published[timeframe], timeframe))
        if timeframe in published
        else open_of(exchange, min(followed_at, now), timeframe)
        for timeframe in timeframes
    }


def first_minute(since: Mapping[str, int], now: int) -> int:
    """Return the minute (ms) to begin with: all of this hour, and what is not published of the minutes before it."""
    begin = now - now % _HOUR
    return min(since.get("1m", begin), begin)


def list_parts(
    exchange: str, timeframes: Collection[str], since: Mapping[str, int], now: int
) -> list[MissingCandle]:
    """Return the closed candles to fetch at the start beside the minutes of this hour: those that were not published,
    and the hours of this day and days of this month where longer candles are made of them."""
    begins = {timeframe: since[timeframe] for timeframe in timeframes if timeframe != "1m"}
    for timeframe in timeframes:
        part = part_of(timeframe)
        if part != "1m":
            begins[part] = min(begins.get(part, now), open_of(exchange, now, timeframe))
        if part == "1d":
            begins["1h"] = min(begins.get("1h", now), open_of(exchange, now, "1d"))
    return [
        MissingCandle(timeframe, time, "restart")
        for timeframe, begin in begins.items()
        for time in _closed_opens(exchange, timeframe, begin, now)
    ]


def _closed_opens(exchange: str, timeframe: str, begin: int, now: int) -> list[int]:
    """Return the open times from `begin` of candles that have closed before this hour, or are longer than it."""
    end = now - now % _HOUR if TIMEFRAMES[timeframe] <= _HOUR else open_of(exchange, now, timeframe)
    opens: list[int] = []
    time = open_of(exchange, begin, timeframe)
    while candle_end(time, timeframe) <= end:
        opens.append(time)
        time = candle_end(time, timeframe)
    return opens[-MAX_FETCH:]
