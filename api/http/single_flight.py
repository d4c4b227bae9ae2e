"""An answer that costs something: made once for all who ask together, and kept for a moment."""

from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from runtime.clock import Clock
from runtime.single_flight import SingleFlight

T = TypeVar("T")


class Lately(Generic[T]):
    """`seconds` is how old an answer may be. Close it."""

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, T]], clock: Clock, seconds: float) -> None:
        self._ask = ask
        self._clock = clock
        self._seconds = seconds
        self._calls: SingleFlight[None, T] = SingleFlight()
        self._answers: list[T] = []
        self._good_until = 0.0

    async def get(self) -> T:
        """Raises what the asking does, to all who wait for it."""
        if self._answers and self._clock.monotonic() < self._good_until:
            return self._answers[0]
        return await self._calls.run(None, self._answered)

    async def close(self) -> None:
        await self._calls.close()

    async def _answered(self) -> T:
        answer = await self._ask()
        self._answers = [answer]
        self._good_until = self._clock.monotonic() + self._seconds  # a failure is not kept
        return answer
