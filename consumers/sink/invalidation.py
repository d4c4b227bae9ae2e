"""Invalidate cached answers: mark rows busy just before a commit, and changed after it, until the cache accepts."""

import asyncio
from collections.abc import Collection

from runtime.clock import Clock
from storage.response_cache import LIST_SCOPE, ResponseCache, row_scope

_RETRY_DELAY = 1.0
"""Seconds between attempts while the cache is unreachable."""


class CacheInvalidation:
    """Does nothing without a cache. `run` must be running for `mark_changed` to reach the cache."""

    def __init__(self, cache: ResponseCache | None, clock: Clock) -> None:
        self._cache = cache
        self._clock = clock
        self._pending: set[str] = set()
        self._wake = asyncio.Event()

    async def mark_busy(self, result_ids: Collection[int]) -> None:
        """Mark rows that are about to be committed; takes no longer than one Redis call and never raises."""
        if self._cache is not None and result_ids:
            await self._cache.lock_scopes(_to_scopes(result_ids))

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


def _to_scopes(result_ids: Collection[int]) -> set[str]:
    return {LIST_SCOPE, *map(row_scope, result_ids)}
