"""Concurrent callers of one key share one call and its outcome."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from runtime.tasks import cancel_and_wait, task_error

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class SingleFlight(Generic[K, T]):
    """Runs at most one call per key at a time. Keeps no result beyond the call. Close it."""

    def __init__(self) -> None:
        self._calls: dict[K, asyncio.Task[T]] = {}

    async def run(self, key: K, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the result of the call in flight for `key`, starting `call` where there is none.

        Raises what the call raises, to each caller. A cancelled caller does not cancel the call.
        """
        task = self._calls.get(key)
        if task is None:
            task = self._calls[key] = asyncio.create_task(call(), name=f"single flight {key}")
            task.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Cancel the calls in flight and wait until they have ended."""
        await cancel_and_wait(*self._calls.values())

    def _forget(self, key: K, task: asyncio.Task[T]) -> None:
        self._calls.pop(key, None)
        task_error(task)  # marks an error as retrieved, when every caller was cancelled
