"""Candles for a chart: which ones to ask the source for, and how they are shown."""

import asyncio
from dataclasses import dataclass

from exchanges.ports import Candle as Bar
from exchanges.ports import CandleSource, Series
from runtime.errors import Transient
from schemas.http.candles import Kline
from schemas.market import TIMEFRAMES, Market

LONGEST_FETCH = 25.0
"""Seconds for all pages of one answer."""

_ALLOWANCE = 3


@dataclass(frozen=True, slots=True)
class Span:
    """At most `limit` candles with `since` <= open time < `before` (ms).

    The first of them if `since` is given, else the last.
    """

    limit: int
    since: int | None = None
    before: int | None = None

    def end(self, timeframe: str) -> int | None:
        """Before which (ms) its candles opened, where that follows from what is asked for."""
        ends = [self.before] if self.before is not None else []
        if self.since is not None:
            ends.append(self.since + self.limit * TIMEFRAMES[timeframe])
        return min(ends, default=None)

    def cut(self, candles: list[Kline]) -> list[Kline]:
        within = [
            candle
            for candle in candles
            if (self.since is None or candle.timestamp >= self.since)
            and (self.before is None or candle.timestamp < self.before)
        ]
        return within[: self.limit] if self.since is not None else within[-self.limit :]


async def klines(source: CandleSource, market: Market, span: Span, now_ms: int) -> list[Kline]:
    """Ascending. Raises what the source does, and Transient when it takes too long."""
    try:
        async with asyncio.timeout(LONGEST_FETCH):
            series = await _fetched(source, market, span, now_ms)
    except TimeoutError as error:
        raise Transient(f"{market.exchange} does not answer in time") from error
    return span.cut(shown(series))


async def _fetched(source: CandleSource, market: Market, span: Span, now_ms: int) -> Series:
    end = span.end(market.timeframe)
    if end is not None and end <= now_ms:
        return await source.candles_before(market, end, span.limit)
    # The span reaches to the newest candle, or so the clock here thinks: a little more allows for one that is wrong.
    missed = span.limit
    if span.since is not None:
        missed = (now_ms - span.since) // TIMEFRAMES[market.timeframe] + _ALLOWANCE
    return await source.candles(market, max(_ALLOWANCE, min(span.limit, missed)))


def shown(series: Series) -> list[Kline]:
    """The candles of a series, the one still open last."""
    closed = series.closed
    columns = (closed.time, closed.open, closed.high, closed.low, closed.close, closed.volume)
    bars = [_shown(Bar(*values), closed=True) for values in zip(*(c.tolist() for c in columns), strict=True)]
    return bars if series.unclosed is None else [*bars, _shown(series.unclosed, closed=False)]


def _shown(bar: Bar, *, closed: bool) -> Kline:
    return Kline(
        timestamp=bar.time,
        open=bar.open,
        high=bar.high,
        low=bar.low,
        close=bar.close,
        volume=bar.volume,
        is_closed=closed,
    )
