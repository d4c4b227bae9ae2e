"""NextFlight: callers share a call that begins after all of them have asked."""

import asyncio

import pytest

from api.http.next_flight import NextFlight
from tests.unit.runtime.test_single_flight import GatedCall


async def test_next_flight_shares_the_call_that_has_not_begun() -> None:
    flights, call = NextFlight[str, int](), GatedCall()
    call.gate.set()
    assert await asyncio.gather(*(flights.run("a", call) for _ in range(3))) == [1, 1, 1]


async def begin_call(flights: NextFlight[str, int], call: GatedCall) -> asyncio.Task[int]:
    """Ask for a call, and return once it has begun."""
    began = asyncio.Event()

    async def begin() -> int:
        began.set()
        return await call()

    caller = asyncio.create_task(flights.run("a", begin))
    await began.wait()
    return caller


async def test_next_flight_shares_no_call_that_had_begun() -> None:
    flights, call = NextFlight[str, int](), GatedCall()
    first = await begin_call(flights, call)
    later = [asyncio.create_task(flights.run("a", call)) for _ in range(3)]
    await asyncio.sleep(0)
    assert call.count == 1, "one call of a key runs at a time"
    call.gate.set()
    assert await asyncio.gather(first, *later) == [1, 2, 2, 2]


async def test_next_flight_begins_after_a_call_that_failed() -> None:
    flights, call = NextFlight[str, int](), GatedCall()
    call.error = ZeroDivisionError("once")
    first = await begin_call(flights, call)
    second = asyncio.create_task(flights.run("a", call))
    await asyncio.sleep(0)
    call.gate.set()
    assert await asyncio.gather(first, second, return_exceptions=True) == [call.error, call.error]
    assert call.count == 2


async def test_next_flight_runs_each_key_on_its_own() -> None:
    flights, blocked, call = NextFlight[str, int](), GatedCall(), GatedCall()
    call.gate.set()
    waiting = asyncio.create_task(flights.run("a", blocked))
    assert await flights.run("b", call) == 1
    blocked.gate.set()
    assert await waiting == 1


async def test_next_flight_goes_on_when_one_caller_is_cancelled() -> None:
    flights, call = NextFlight[str, int](), GatedCall()
    first, second = (asyncio.create_task(flights.run("a", call)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    call.gate.set()
    assert await second == 1
    assert not flights._current
    assert not flights._next


async def test_next_flight_cancels_its_calls_when_closed() -> None:
    flights, call = NextFlight[str, int](), GatedCall()
    first = await begin_call(flights, call)
    second = asyncio.create_task(flights.run("a", call))
    await asyncio.sleep(0)
    await flights.close()
    for caller in (first, second):
        with pytest.raises(asyncio.CancelledError):
            await caller
    assert call.count == 1
