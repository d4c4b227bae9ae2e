"""Waiting in tests for a condition, with a deadline; never for time to pass."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
SECONDS = 20.0  # generous: only a failing test waits that long


async def within(awaitable: Awaitable[T], seconds: float = SECONDS) -> T:
    """Return the result of `awaitable`. Raises TimeoutError after `seconds`."""
    async with asyncio.timeout(seconds):
        return await awaitable


async def until(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Poll `condition` until it is true; for state without an event. Raises TimeoutError after `seconds`."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 (the state has no event)
            await asyncio.sleep(0.001)
