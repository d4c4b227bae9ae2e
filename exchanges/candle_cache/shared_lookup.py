"""Looks into the shared series for markets that are not in memory: one lookup per market at a time."""

import asyncio
from collections.abc import Callable
from typing import Protocol
from weakref import WeakValueDictionary

from exchanges.candle_cache.entry import CachedSeries
from runtime.clock import Clock
from runtime.lru import LruDict
from runtime.metrics import SHARED_SERIES
from schemas.market import Market

_MISS_SECONDS = 60.0
"""How long a market that was not found is not looked up again."""

_MAX_MISSES = 200_000

_HIT, _MISS = SHARED_SERIES.labels("hit"), SHARED_SERIES.labels("miss")


class SeriesLoader(Protocol):
    """Reads series that other processes have written."""

    async def load(self, market: Market) -> CachedSeries | None: ...


class SharedLookup:
    """Remembers misses for _MISS_SECONDS."""

    def __init__(self, loader: SeriesLoader, clock: Clock) -> None:
        self._loader = loader
        self._clock = clock
        self._missed_at = LruDict[str, float](_MAX_MISSES)
        self._locks = WeakValueDictionary[str, asyncio.Lock]()

    async def take(self, market: Market, accept: Callable[[CachedSeries], bool]) -> bool:
        """Give the shared series of a market to `accept`, which returns whether it is of use; return whether it is.

        True as well after a lookup that ran meanwhile for another caller: the cache may have it now.
        """
        missed_at = self._missed_at.get(market.key)
        if missed_at is not None and self._clock.monotonic() - missed_at < _MISS_SECONDS:
            return False
        lock = self._locks.setdefault(market.key, asyncio.Lock())
        is_shared = lock.locked()
        async with lock:
            return is_shared or await self._look_up(market, accept)

    async def _look_up(self, market: Market, accept: Callable[[CachedSeries], bool]) -> bool:
        entry = await self._loader.load(market)
        is_hit = entry is not None and accept(entry)
        (_HIT if is_hit else _MISS).inc()
        if is_hit:
            self._missed_at.drop(market.key)
        else:
            self._missed_at.put(market.key, self._clock.monotonic())
        return is_hit
