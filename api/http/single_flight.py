"""An answer that costs something: made once for all who ask together, and kept for a moment."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from runtime.clock import Clock
from runtime.tasks import end

T = TypeVar("T")


class Lately(Generic[T]):
    """`seconds` is how old an answer may be. Close it."""

    def __init__(self, ask: Callable[[], Awaitable[T]], clock: Clock, seconds: float) -> None:
        self._ask = ask
        self._clock = clock
        self._seconds = seconds
        self._asking: asyncio.Task[T] | None = None
        self._good_until = 0.0

    async def get(self) -> T:
        """Raises what the asking does, to all who wait for it."""
        if self._asking is None or (self._asking.done() and self._clock.monotonic() >= self._good_until):
            self._asking = asyncio.create_task(self._answered(), name="lately")
        # A caller that leaves does not take the others' answer along.
        return await asyncio.shield(self._asking)

    async def close(self) -> None:
        if self._asking is not None:
            await end(self._asking)

    async def _answered(self) -> T:
        answer = await self._ask()
        self._good_until = self._clock.monotonic() + self._seconds  # a failure is not kept
        return answer
