"""Candles kept in memory, so that an exchange is asked only for what is new. For one process, gone with it.

The answer is that of a full fetch, always: what is new must join what is known without a doubt (see `spliced`), and
whatever is doubtful is fetched in full. A revision further back than the overlap would go unseen, so that after
FULL_AGE a full fetch is due anyway.
"""

from collections.abc import Sequence

from exchanges.candle_cache.lru import Kept, KeptSeries
from exchanges.candle_cache.merge import newest, spliced
from exchanges.ports import CandleSource, Series, Tradable
from runtime.clock import Clock
from runtime.metrics import CANDLE_CACHE
from schemas.market import Market

FULL_AGE = 6 * 3_600.0
"""Seconds."""


class CachedCandleSource:
    """A CandleSource before another one, which it closes. A process that takes a market over starts without it."""

    def __init__(self, source: CandleSource, clock: Clock, most_bytes: int) -> None:
        self._source = source
        self._clock = clock
        self._kept = KeptSeries(most_bytes)

    async def candles(self, market: Market, limit: int) -> Series:
        """As from the source. One call of few candles where the market is known, so many and not too long ago."""
        kept = self._kept.get(market.key)
        if kept is not None and self._usable(kept, limit):
            series = await self._continued(market, kept)
            CANDLE_CACHE.labels("doubt" if series is None else "hit").inc()
            if series is not None:
                self._kept.put(market.key, Kept(series, kept.limit, kept.fetched_at, doubtful=False))
                return newest(series, limit, market.timeframe)
        else:
            CANDLE_CACHE.labels("miss").inc()
        return await self._fetched(market, limit, kept)

    async def candles_since(self, market: Market, since_ms: int) -> Series:
        return await self._source.candles_since(market, since_ms)

    async def candles_before(self, market: Market, before_ms: int, limit: int) -> Series:
        return await self._source.candles_before(market, before_ms, limit)

    async def tradables(self, exchange: str) -> Sequence[Tradable]:
        return await self._source.tradables(exchange)

    async def close(self) -> None:
        await self._source.close()

    def _usable(self, kept: Kept, limit: int) -> bool:
        young = self._clock.monotonic() - kept.fetched_at < FULL_AGE
        return young and limit <= kept.limit and not kept.doubtful and len(kept.series.closed) > 0

    async def _continued(self, market: Market, kept: Kept) -> Series | None:
        fresh = await self._source.candles_since(market, int(kept.series.closed.time[-1]))
        return spliced(kept.series, fresh, market.timeframe, kept.limit)

    async def _fetched(self, market: Market, limit: int, before: Kept | None) -> Series:
        asked_at = self._clock.monotonic()
        series = await self._source.candles(market, limit)
        # A gap may be the exchange's own, or candles that got lost on the way: two full fetches must agree on it.
        confirmed = before is not None and set(series.gaps) <= set(before.series.gaps)
        doubtful = bool(series.gaps) and not confirmed
        self._kept.put(market.key, Kept(series, limit, asked_at, doubtful))
        return series
