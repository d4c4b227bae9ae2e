"""Telling the cache of commits, while it is away and while more are committed."""

import asyncio
from collections.abc import Iterable

from consumers.sink.invalidation import Invalidation
from runtime.tasks import cancel_and_wait
from tests.support.clock import ManualClock
from tests.support.deadlines import until


class Listening:
    """A cache that writes down what it is told, and does not take the first `deaf` of it."""

    def __init__(self, deaf: int = 0) -> None:
        self.told: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._deaf = deaf

    async def busy(self, scopes: Iterable[str]) -> bool:
        return True

    async def changed(self, scopes: Iterable[str]) -> bool:
        self.told.append(sorted(scopes))
        await self.gate.wait()
        self._deaf -= 1
        return self._deaf < 0


async def test_while_the_cache_is_away_it_is_told_again_and_again() -> None:
    cache, clock = Listening(deaf=2), ManualClock()
    invalidation = Invalidation(cache, clock)  # type: ignore[arg-type]
    running = asyncio.create_task(invalidation.run())
    try:
        invalidation.after([1])
        for _ in range(2):
            await clock.asleep()
            await clock.advance(1.0)
        await until(lambda: len(cache.told) == 3)
        assert cache.told == [["lists", "row:1"]] * 3
    finally:
        await cancel_and_wait(running)


async def test_what_is_committed_while_it_is_told_is_told_anew() -> None:
    cache = Listening()
    invalidation = Invalidation(cache, ManualClock())  # type: ignore[arg-type]
    cache.gate.clear()
    running = asyncio.create_task(invalidation.run())
    try:
        invalidation.after([1])
        await until(lambda: len(cache.told) == 1)
        invalidation.after([1])
        cache.gate.set()
        await until(lambda: len(cache.told) == 2)
        assert cache.told[1] == ["lists", "row:1"]
    finally:
        await cancel_and_wait(running)


async def test_without_a_cache_nobody_is_told() -> None:
    invalidation = Invalidation(None, ManualClock())
    await invalidation.before([1])
    invalidation.after([1])
    assert await invalidation.tell()
