"""CacheInvalidation while the cache is unreachable and while more rows are committed."""

import asyncio
from collections.abc import Iterable

from consumers.sink.invalidation import CacheInvalidation
from runtime.tasks import cancel_and_wait
from storage.response_cache import LEASE_SECONDS
from tests.support.clock import ManualClock
from tests.support.deadlines import until, within


class RecordingCache:
    """A cache that records the scopes it is sent, and refuses the first `refusals` calls."""

    def __init__(self, refusals: int = 0, locks: Iterable[bool] = ()) -> None:
        self.locks = list(locks)
        self.received: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._refusals = refusals

    async def lock_scopes(self, scopes: Iterable[str]) -> bool:
        return self.locks.pop(0) if self.locks else True

    async def invalidate_scopes(self, scopes: Iterable[str]) -> bool:
        self.received.append(sorted(scopes))
        await self.gate.wait()
        self._refusals -= 1
        return self._refusals < 0


async def test_invalidation_retries_while_cache_is_unreachable() -> None:
    cache, clock = RecordingCache(refusals=2), ManualClock()
    invalidation = CacheInvalidation(cache, clock)  # type: ignore[arg-type]
    running = asyncio.create_task(invalidation.run())
    try:
        invalidation.mark_changed([1])
        for _ in range(2):
            await clock.wait_for_sleepers()
            await clock.advance(1.0)
        await until(lambda: len(cache.received) == 3)
        assert cache.received == [["lists", "row:1"]] * 3
    finally:
        await cancel_and_wait(running)


async def test_invalidation_sends_row_committed_during_flush_again() -> None:
    cache = RecordingCache()
    invalidation = CacheInvalidation(cache, ManualClock())  # type: ignore[arg-type]
    cache.gate.clear()
    running = asyncio.create_task(invalidation.run())
    try:
        invalidation.mark_changed([1])
        await until(lambda: len(cache.received) == 1)
        invalidation.mark_changed([1])
        cache.gate.set()
        await until(lambda: len(cache.received) == 2)
        assert cache.received[1] == ["lists", "row:1"]
    finally:
        await cancel_and_wait(running)


async def test_invalidation_waits_out_the_lease_of_a_cache_that_refuses_locks() -> None:
    cache, clock = RecordingCache(locks=[False, False, False, False, True, False, True]), ManualClock()
    invalidation = CacheInvalidation(cache, clock)  # type: ignore[arg-type]
    marking = asyncio.create_task(invalidation.mark_busy([1]))
    await clock.wait_for_sleepers()
    await clock.advance(LEASE_SECONDS)
    assert not marking.done()
    await clock.advance(1.0)
    await within(marking)
    assert len(cache.locks) == 5
    await within(
        invalidation.mark_busy([1])
    )  # the lease of before is gone, so the commit does not wait again
    await within(invalidation.mark_busy([1]))
    await within(invalidation.mark_busy([1]))
    assert len(cache.locks) == 2
    marking = asyncio.create_task(invalidation.mark_busy([1]))  # it was accepted in between
    await clock.wait_for_sleepers()
    await clock.advance(LEASE_SECONDS + 1)
    await within(marking)
    assert not cache.locks


async def test_invalidation_without_cache_does_nothing() -> None:
    invalidation = CacheInvalidation(None, ManualClock())
    await invalidation.mark_busy([1])
    invalidation.mark_changed([1])
    assert await invalidation.flush()
