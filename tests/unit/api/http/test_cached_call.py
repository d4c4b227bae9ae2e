"""An answer made once for all who ask together, and kept for a moment."""

import asyncio

import pytest

from api.http.cached_call import CachedCall
from tests.unit.api.fakes import JumpingClock


class Costly:
    """Counts how often it is asked; waits for `gate`; raises what `trouble` has."""

    def __init__(self) -> None:
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.trouble: list[Exception] = []

    async def __call__(self) -> int:
        self.asked += 1
        await self.gate.wait()
        if self.trouble:
            raise self.trouble.pop()
        return self.asked


async def test_whoever_asks_within_the_moment_gets_what_was_there() -> None:
    costly, clock = Costly(), JumpingClock()
    lately = CachedCall(costly, clock, 2.0)
    assert [await lately.get(), await lately.get()] == [1, 1]
    clock.passed += 1.9
    assert await lately.get() == 1
    clock.passed += 0.2
    assert await lately.get() == 2


async def test_all_who_ask_together_cost_one_and_none_takes_it_along() -> None:
    costly = Costly()
    costly.gate.clear()
    lately = CachedCall(costly, JumpingClock(), 2.0)
    asking = [asyncio.create_task(lately.get()) for _ in range(5)]
    await asyncio.sleep(0)
    asking[0].cancel()
    await asyncio.sleep(0)
    costly.gate.set()
    assert await asyncio.gather(*asking[1:]) == [1] * 4
    await lately.close()


async def test_a_failure_is_told_and_not_kept() -> None:
    costly = Costly()
    costly.trouble.append(ZeroDivisionError("once"))
    lately = CachedCall(costly, JumpingClock(), 2.0)
    with pytest.raises(ZeroDivisionError):
        await lately.get()
    assert await lately.get() == 2
