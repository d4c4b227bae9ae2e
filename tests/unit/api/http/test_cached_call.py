"""The result of a call, shared by concurrent callers and kept for a short time."""

import asyncio

import pytest

from api.http.cached_call import CachedCall
from tests.unit.api.fakes import JumpingClock


class CountedCall:
    """Counts its calls; waits for `gate`; raises the errors in `errors`."""

    def __init__(self) -> None:
        self.count = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.errors: list[Exception] = []

    async def __call__(self) -> int:
        self.count += 1
        await self.gate.wait()
        if self.errors:
            raise self.errors.pop()
        return self.count


async def test_cached_call_keeps_its_result_until_it_expires() -> None:
    call, clock = CountedCall(), JumpingClock()
    cached = CachedCall(call, clock, 2.0)
    assert [await cached.get(), await cached.get()] == [1, 1]
    clock.passed += 1.9
    assert await cached.get() == 1
    clock.passed += 0.2
    assert await cached.get() == 2


async def test_cached_call_is_shared_by_concurrent_callers_and_survives_a_cancelled_one() -> None:
    call = CountedCall()
    call.gate.clear()
    cached = CachedCall(call, JumpingClock(), 2.0)
    callers = [asyncio.create_task(cached.get()) for _ in range(5)]
    await asyncio.sleep(0)
    callers[0].cancel()
    await asyncio.sleep(0)
    call.gate.set()
    assert await asyncio.gather(*callers[1:]) == [1] * 4
    await cached.close()


async def test_cached_call_raises_an_error_and_does_not_keep_it() -> None:
    call = CountedCall()
    call.errors.append(ZeroDivisionError("once"))
    cached = CachedCall(call, JumpingClock(), 2.0)
    with pytest.raises(ZeroDivisionError):
        await cached.get()
    assert await cached.get() == 2
