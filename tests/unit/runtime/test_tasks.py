"""Parts of a role run until it is stopped, and a part that fails ends the others."""

import asyncio

import pytest

from runtime.tasks import run_until


class Part:
    """Runs until it is cancelled."""

    was_cancelled = False

    async def run(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.was_cancelled = True


async def fail() -> None:
    raise ValueError("it failed")


async def test_parts_are_cancelled_once_it_is_stopped() -> None:
    first, second, stop = Part(), Part(), asyncio.Event()
    running = asyncio.create_task(run_until(stop.wait(), first.run(), second.run()))
    await asyncio.sleep(0)
    assert not running.done()
    stop.set()
    async with asyncio.timeout(10):
        await running
    assert first.was_cancelled
    assert second.was_cancelled


async def test_error_of_a_part_ends_the_others_and_is_raised() -> None:
    other = Part()
    async with asyncio.timeout(10):
        with pytest.raises(ValueError, match="it failed"):
            await run_until(asyncio.Event().wait(), other.run(), fail())
    assert other.was_cancelled


async def test_cancellation_ends_the_parts() -> None:
    part = Part()
    running = asyncio.create_task(run_until(asyncio.Event().wait(), part.run()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    running.cancel()
    async with asyncio.timeout(10):
        with pytest.raises(asyncio.CancelledError):
            await running
    assert part.was_cancelled
