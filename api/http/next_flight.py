"""Callers that wait for the same read share one that begins after all of them have asked."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from runtime.tasks import cancel_and_wait, task_error

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class NextFlight(Generic[K, T]):
    """Runs one call per key at a time, and shares the next one among all that ask in between. Close it.

    Unlike with `SingleFlight` no caller gets the result of a call that had begun before it asked: its answer has all
    that was committed by then.
    """

    def __init__(self) -> None:
        self._current: dict[K, asyncio.Task[T]] = {}
        self._next: dict[K, asyncio.Task[T]] = {}

    async def run(self, key: K, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the result of a call that begins from now on.

        Raises what the call raises, to each caller. A cancelled caller does not cancel the call.
        """
        task = self._next.get(key)
        if task is None:
            task = self._next[key] = asyncio.create_task(self._take_off(key, call), name=f"next flight {key}")
            task.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Cancel all calls and wait until they have ended."""
        await cancel_and_wait(*self._current.values(), *self._next.values())

    async def _take_off(self, key: K, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Wait until the call before has ended, however it does; then begin, and leave the next one to others."""
        if (before := self._current.get(key)) is not None:
            await asyncio.wait({before})
        self._current[key] = self._next.pop(key)
        return await call()

    def _forget(self, key: K, task: asyncio.Task[T]) -> None:
        for flights in (self._current, self._next):
            if flights.get(key) is task:
                del flights[key]
        task_error(task)  # marks an error as retrieved, when every caller was cancelled
