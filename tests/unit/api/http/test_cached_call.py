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


async def test_cached_call_keeps_its_result_until_it_expires() -> None:
    costly, clock = Costly(), JumpingClock()
    lately = CachedCall(costly, clock, 2.0)
    assert [await lately.get(), await lately.get()] == [1, 1]
    clock.passed += 1.9
    assert await lately.get() == 1
    clock.passed += 0.2
    assert await lately.get() == 2


async def test_cached_call_is_shared_by_concurrent_callers_and_survives_a_cancelled_one() -> None:
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


async def test_cached_call_raises_an_error_and_does_not_keep_it() -> None:
    costly = Costly()
    costly.trouble.append(ZeroDivisionError("once"))
    lately = CachedCall(costly, JumpingClock(), 2.0)
    with pytest.raises(ZeroDivisionError):
        await lately.get()
    assert await lately.get() == 2
