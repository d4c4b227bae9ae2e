"""The result of an expensive call, shared by concurrent callers and kept for a short time."""

from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from runtime.clock import Clock
from runtime.single_flight import SingleFlight

T = TypeVar("T")


class CachedCall(Generic[T]):
    """Calls `call` at most once at a time and keeps its result for `seconds`. Close it."""

    def __init__(self, call: Callable[[], Coroutine[Any, Any, T]], clock: Clock, seconds: float) -> None:
        self._call = call
        self._clock = clock
        self._seconds = seconds
        self._calls: SingleFlight[None, T] = SingleFlight()
        self._results: list[T] = []
        self._valid_until = 0.0

    async def get(self) -> T:
        """Return the kept result, or that of a new call. Raises what the call raises, to each waiting caller."""
        if self._results and self._clock.monotonic() < self._valid_until:
            return self._results[0]
        return await self._calls.run(None, self._refresh)

    async def close(self) -> None:
        """Cancel a call in flight."""
        await self._calls.close()

    async def _refresh(self) -> T:
        result = await self._call()
        self._results = [result]
        self._valid_until = self._clock.monotonic() + self._seconds  # an error is not kept
        return result
