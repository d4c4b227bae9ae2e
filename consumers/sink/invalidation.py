"""Tells the cache of answers which rows change: just before a commit, and after it until the cache has heard it."""

import asyncio
from collections.abc import Collection

from runtime.clock import Clock
from storage.response_cache import LISTS, ReadCache, row_scope

_PAUSE = 1.0
"""Seconds until the cache is told again."""


class Invalidation:
    """Without a cache it does nothing. `run` must run for what was committed to be told."""

    def __init__(self, cache: ReadCache | None, clock: Clock) -> None:
        self._cache = cache
        self._clock = clock
        self._owed: set[str] = set()
        self._news = asyncio.Event()

    async def before(self, result_ids: Collection[int]) -> None:
        """They are about to be committed. Takes no longer than one call to Redis may, and raises nothing."""
        if self._cache is not None and result_ids:
            await self._cache.busy(_scopes(result_ids))

    def after(self, result_ids: Collection[int]) -> None:
        """They are committed. The rest is `run`'s, so that no batch waits for Redis."""
        if self._cache is not None and result_ids:
            self._owed.update(_scopes(result_ids))
            self._news.set()

    async def run(self) -> None:
        """Tell what is owed, until cancelled; while Redis is away, again and again."""
        while True:
            await self._news.wait()
            self._news.clear()
            if not await self.tell():
                await self._clock.sleep(_PAUSE)
                self._news.set()

    async def tell(self) -> bool:
        """Whether the cache took what was owed."""
        if self._cache is None or not self._owed:
            return True
        # Taken out first: what is committed while this is on its way is owed anew.
        owed, self._owed = self._owed, set()
        told = await self._cache.changed(owed)
        if not told:
            self._owed |= owed
        return told


def _scopes(result_ids: Collection[int]) -> set[str]:
    return {LISTS, *map(row_scope, result_ids)}
