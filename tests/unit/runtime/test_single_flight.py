"""SingleFlight: concurrent callers share one call, its result and its error."""

import asyncio

import pytest

from runtime.single_flight import SingleFlight


class GatedCall:
    """Counts its calls; each waits for `gate`, then returns its number or raises `error`."""

    def __init__(self) -> None:
        self.count = 0
        self.gate = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> int:
        self.count += 1
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return self.count


async def test_single_flight_shares_one_call_among_concurrent_callers() -> None:
    flights, call = SingleFlight[str, int](), GatedCall()
    callers = [asyncio.create_task(flights.run("a", call)) for _ in range(3)]
    await asyncio.sleep(0)
    call.gate.set()
    assert await asyncio.gather(*callers) == [1, 1, 1]


async def test_single_flight_runs_each_key_on_its_own() -> None:
    flights, call = SingleFlight[str, int](), GatedCall()
    call.gate.set()
    await asyncio.gather(flights.run("a", call), flights.run("b", call))
    assert call.count == 2


async def test_single_flight_calls_again_after_the_first_call_ended() -> None:
    flights, call = SingleFlight[str, int](), GatedCall()
    call.gate.set()
    assert [await flights.run("a", call), await flights.run("a", call)] == [1, 2]


async def test_single_flight_raises_the_error_to_every_caller() -> None:
    flights, call = SingleFlight[str, int](), GatedCall()
    call.error = ZeroDivisionError("once")
    call.gate.set()
    outcomes = await asyncio.gather(*(flights.run("a", call) for _ in range(2)), return_exceptions=True)
    assert outcomes == [call.error, call.error]
    assert call.count == 1


async def test_single_flight_goes_on_when_one_caller_is_cancelled() -> None:
    flights, call = SingleFlight[str, int](), GatedCall()
    first, second = (asyncio.create_task(flights.run("a", call)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    call.gate.set()
    assert await second == 1


async def test_single_flight_close_cancels_the_call_in_flight() -> None:
    flights, call = SingleFlight[str, int](), GatedCall()
    caller = asyncio.create_task(flights.run("a", call))
    await asyncio.sleep(0)
    await flights.close()
    with pytest.raises(asyncio.CancelledError):
        await caller
