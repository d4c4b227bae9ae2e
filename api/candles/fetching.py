"""Fetches the candles of a span of time from an exchange."""

import asyncio
from dataclasses import dataclass

from api.candles.views import to_klines
from exchanges.ports import CandleSource, Series
from runtime.errors import Transient
from schemas.http.candles import Kline
from schemas.market import TIMEFRAMES, Market

FETCH_TIMEOUT = 25.0
"""Seconds for all pages of one span."""

_EXTRA_CANDLES = 3


@dataclass(frozen=True, slots=True)
class Span:
    """At most `limit` candles with `since` <= open time < `before` (ms).

    The first ones if `since` is given, else the last ones.
    """

    limit: int
    since: int | None = None
    before: int | None = None

    def end(self, timeframe: str) -> int | None:
        """Return the time (ms) before which all candles opened, if the span has an end."""
        ends = [self.before] if self.before is not None else []
        if self.since is not None:
            ends.append(self.since + self.limit * TIMEFRAMES[timeframe])
        return min(ends, default=None)

    def cut(self, klines: list[Kline]) -> list[Kline]:
        """Return those of `klines` that are in the span."""
        within = [
            kline
            for kline in klines
            if (self.since is None or kline.timestamp >= self.since)
            and (self.before is None or kline.timestamp < self.before)
        ]
        return within[: self.limit] if self.since is not None else within[-self.limit :]


async def fetch_klines(source: CandleSource, market: Market, span: Span, now_ms: int) -> list[Kline]:
    """Return candles in ascending order. Raises what the source raises, and Transient after FETCH_TIMEOUT."""
    try:
        async with asyncio.timeout(FETCH_TIMEOUT):
            series = await _fetch_series(source, market, span, now_ms)
    except TimeoutError as error:
        raise Transient(f"{market.exchange} did not answer within {FETCH_TIMEOUT:g} s: try again") from error
    return span.cut(to_klines(series))


async def _fetch_series(source: CandleSource, market: Market, span: Span, now_ms: int) -> Series:
    end = span.end(market.timeframe)
    if end is not None and end <= now_ms:
        return await source.candles_before(market, end, span.limit)
    # By the local clock, the span includes the newest candle. A few extra candles make up for a clock that is wrong.
    count = span.limit
    if span.since is not None:
        count = (now_ms - span.since) // TIMEFRAMES[market.timeframe] + _EXTRA_CANDLES
    return await source.candles(market, max(_EXTRA_CANDLES, min(span.limit, count)))
