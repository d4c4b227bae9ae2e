"""Invalidate cached answers: mark rows busy just before a commit, and changed after it, until the cache accepts.

A cache that refuses the first mark may still be read: then the commit waits until every cached answer has expired with
its lease.
"""

import asyncio
from collections.abc import Collection

from runtime.clock import Clock
from storage.response_cache import LEASE_SECONDS, LIST_SCOPE, ResponseCache, row_scope

_RETRY_DELAY = 1.0
"""Seconds between attempts while the cache is unreachable."""

_LEASE_TIMEOUT = LEASE_SECONDS + 0.5
"""Seconds after which no lease from before a refused mark is left, with a margin for the clock of Redis."""


class CacheInvalidation:
    """Does nothing without a cache. `run` must be running for `mark_changed` to reach the cache."""

    def __init__(self, cache: ResponseCache | None, clock: Clock) -> None:
        self._cache = cache
        self._clock = clock
        self._pending: set[str] = set()
        self._wake = asyncio.Event()
        self._refused_since: float | None = None

    async def mark_busy(self, result_ids: Collection[int]) -> None:
        """Mark rows that are about to be committed; never raises.

        Takes one call to Redis; when Redis begins to refuse it, once _LEASE_TIMEOUT and a second call.
        """
        if self._cache is None or not result_ids:
            return
        scopes = _to_scopes(result_ids)
        if await self._lock(self._cache, scopes) or self._refused_since is None:
            return
        seconds = self._refused_since + _LEASE_TIMEOUT - self._clock.monotonic()
        if seconds > 0:
            await self._clock.sleep(seconds)
            await self._lock(self._cache, scopes)

    def mark_changed(self, result_ids: Collection[int]) -> None:
        """Record that rows are committed; `run` sends it, so that no batch waits for Redis."""
        if self._cache is not None and result_ids:
            self._pending.update(_to_scopes(result_ids))
            self._wake.set()

    async def run(self) -> None:
        """Flush whenever something is pending, with retries while Redis is unreachable; runs until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if not await self.flush():
                await self._clock.sleep(_RETRY_DELAY)
                self._wake.set()

    async def flush(self) -> bool:
        """Send what is pending and return whether the cache accepted it."""
        if self._cache is None or not self._pending:
            return True
        # Taken out first: a row committed while the call runs becomes pending again.
        scopes, self._pending = self._pending, set()
        is_accepted = await self._cache.invalidate_scopes(scopes)
        if not is_accepted:
            self._pending |= scopes
        return is_accepted

    async def _lock(self, cache: ResponseCache, scopes: Collection[str]) -> bool:
        """Lock `scopes`; keep since when the cache refuses it."""
        if await cache.lock_scopes(scopes):
            self._refused_since = None
            return True
        if self._refused_since is None:
            self._refused_since = self._clock.monotonic()
        return False


def _to_scopes(result_ids: Collection[int]) -> set[str]:
    return {LIST_SCOPE, *map(row_scope, result_ids)}
