"""Candles cached in the memory of one process, so that an exchange is asked only for what is new.

An answer always equals that of a full fetch: new candles must join the cached ones unambiguously (see `merge_series`),
anything else is fetched in full. What is not in memory may be in the series that processes share over Redis. A revision
further back than the overlap would go unnoticed, so a full fetch is due after MAX_AGE in any case.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from exchanges.candle_cache.changes import SeriesStore
from exchanges.candle_cache.entry import CachedSeries
from exchanges.candle_cache.journal import SeriesJournal
from exchanges.candle_cache.live import join_candles, take_closed, take_until, to_list
from exchanges.candle_cache.merge import merge_series, take_newest
from exchanges.candle_cache.shared_lookup import SharedLookup
from exchanges.candle_cache.shared_series import SharedSeries
from exchanges.ports import Candle, CandleSource, JoinedSeries, Series, Tradable
from runtime.clock import Clock
from runtime.lru import LruDict
from runtime.metrics import CANDLE_CACHE
from schemas.market import Market

MAX_AGE = 6 * 3_600.0
"""Seconds."""


class CachedCandleSource:
    """A CandleSource in front of another one, which it closes.

    A `journal` keeps what is cached for this process, `shared` keeps it for all of them.
    """

    def __init__(
        self,
        source: CandleSource,
        clock: Clock,
        max_bytes: int,
        journal: SeriesJournal | None = None,
        shared: SharedSeries | None = None,
    ) -> None:
        self._journal = journal
        self._shared = SharedLookup(shared, clock) if shared is not None else None
        self._stores: Sequence[SeriesStore] = [store for store in (journal, shared) if store is not None]
        self._source = source
        self._clock = clock
        self._max_bytes = max_bytes
        self._cache = LruDict[str, CachedSeries](max_bytes, lambda entry: entry.size)

    async def candles(self, market: Market, limit: int) -> Series:
        """As the source. One call of few candles where enough of the market is cached, and not for too long."""
        if market.key not in self._cache:
            await self.load_shared(market)
        cached = self._cache.get(market.key)
        if cached is not None and self._is_usable(cached, limit):
            series = await self._extend(market, cached)
            CANDLE_CACHE.labels("doubt" if series is None else "hit").inc()
            if series is not None:
                entry = CachedSeries(series, cached.limit, cached.fetched_at, unconfirmed=False)
                self._cache.put(market.key, entry)
                self._record(market, cached, entry)
                return take_newest(series, limit, market.timeframe)
        else:
            CANDLE_CACHE.labels("miss").inc()
        return await self._fetch_full(market, limit, cached)

    def join(self, market: Market, candles: Sequence[Candle], limit: int) -> JoinedSeries | None:
        """Add closed candles to the cached series of a market, without a call to the exchange; see CandleJoiner."""
        cached = self._cache.get(market.key)
        if cached is None or cached.unconfirmed or limit > cached.limit:
            return None
        series = join_candles(cached.series, candles, market.timeframe, cached.limit)
        if series is None:
            return None
        is_changed = series is not cached.series
        if is_changed:
            entry = replace(cached, series=series)
            self._cache.put(market.key, entry)
            for store in self._stores:
                store.record_candles(market.key, candles, entry)
        return JoinedSeries(take_closed(series, limit - 1, market.timeframe), is_changed)

    async def load_shared(self, market: Market) -> bool:
        """Cache what other processes share of a market, where it has newer candles; see CandleJoiner."""
        if self._shared is None:
            return False
        return await self._shared.take(market, lambda entry: self._take_over(market, entry))

    def _take_over(self, market: Market, entry: CachedSeries) -> bool:
        cached = self._cache.get(market.key)
        if cached is not None and _last_ms(cached) >= _last_ms(entry):
            return False
        self._cache.put(market.key, entry)
        if self._journal is not None:
            self._journal.record_series(market.key, entry)
        return True

    def cut(self, market: Market, last_ms: int, limit: int) -> Series | None:
        """Return the cached candles until one of them, without a call to the exchange; see CandleJoiner."""
        cached = self._cache.get(market.key)
        if cached is None:
            return None
        until = take_until(cached.series, last_ms, market.timeframe)
        return None if until is None else take_closed(until, limit - 1, market.timeframe)

    async def candles_since(self, market: Market, since_ms: int) -> Series:
        return await self._source.candles_since(market, since_ms)

    async def candles_before(self, market: Market, before_ms: int, limit: int) -> Series:
        return await self._source.candles_before(market, before_ms, limit)

    async def tradables(self, exchange: str) -> Sequence[Tradable]:
        return await self._source.tradables(exchange)

    async def close(self) -> None:
        await self._source.close()

    def _is_usable(self, cached: CachedSeries, limit: int) -> bool:
        young = self._clock.monotonic() - cached.fetched_at < MAX_AGE
        return young and limit <= cached.limit and not cached.unconfirmed and len(cached.series.closed) > 0

    async def _extend(self, market: Market, cached: CachedSeries) -> Series | None:
        fresh = await self._source.candles_since(market, int(cached.series.closed.time[-1]))
        return merge_series(cached.series, fresh, market.timeframe, cached.limit)

    async def _fetch_full(self, market: Market, limit: int, before: CachedSeries | None) -> Series:
        started_at = self._clock.monotonic()
        series = await self._source.candles(market, limit)
        # A gap may be the exchange's own, or candles lost on the way: two full fetches must agree on it.
        confirmed = before is not None and set(series.gaps) <= set(before.series.gaps)
        unconfirmed = bool(series.gaps) and not confirmed
        entry = CachedSeries(series, limit, started_at, unconfirmed)
        self._cache.put(market.key, entry)
        for store in self._stores:
            store.record_series(market.key, entry)
        return series

    async def load(self) -> None:
        """Take over what the journal has, as much as the cache holds."""
        if self._journal is not None:
            for market_key, entry in reversed(await self._journal.load(self._max_bytes)):
                self._cache.put(market_key, entry)

    def _record(self, market: Market, before: CachedSeries, after: CachedSeries) -> None:
        """Keep the closed candles that a call has added."""
        closed = after.series.closed
        begin = int(np.searchsorted(closed.time, before.series.closed.time[-1], side="right"))
        if begin < len(closed):
            for store in self._stores:
                store.record_candles(market.key, to_list(closed[begin:]), after)


def _last_ms(entry: CachedSeries) -> int:
    """Return the time of its newest closed candle, -1 without one."""
    closed = entry.series.closed
    return int(closed.time[-1]) if len(closed) else -1
