"""Waiting in tests: for a thing to become true, never for time to pass."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
SECONDS = 20.0  # generous: it is only ever waited out by a test that fails


async def within(awaitable: Awaitable[T], seconds: float = SECONDS) -> T:
    async with asyncio.timeout(seconds):
        return await awaitable


async def until(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Look at every turn of the event loop; for state that offers no event to wait for."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the state has no event
            await asyncio.sleep(0.001)
