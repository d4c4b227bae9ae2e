"""What a websocket has pushed and its reader has not taken yet."""

import asyncio
from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from runtime.errors import Transient
from runtime.tasks import cancel_and_wait

_CAPACITY = 100_000
"""Some 50 MB, two minutes of 1,600 markets: the reader may wait for Kafka without limit."""

Pushed = TypeVar("Pushed")


class PushBuffer(Generic[Pushed]):
    """One reader takes what callbacks put. One that is full is emptied and fails, so that its stream is opened again.

    `name`: the exchange, for messages.
    """

    def __init__(self, name: str, capacity: int = _CAPACITY) -> None:
        self._name = name
        self._capacity = capacity
        self._items: list[Pushed] = []
        self._error: Exception | None = None
        self._changed = asyncio.Event()

    def put(self, item: Pushed) -> None:
        """Keep an item for the reader."""
        if len(self._items) >= self._capacity:
            self._items.clear()
            self.fail(Transient(f"{self._capacity:,} messages of {self._name} were not read in time"))
        if self._error is None:
            self._items.append(item)
        self._changed.set()

    def fail(self, error: Exception) -> None:
        """Let `take` raise this error, unless there was one before."""
        self._error = self._error or error
        self._changed.set()

    async def wait(self, timeout: float, tasks: Iterable[asyncio.Task[Any]]) -> None:
        """Return when there is an item or an error, one of `tasks` has ended, or after `timeout` seconds."""
        if self._items or self._error is not None:
            return
        arrival = asyncio.create_task(self._changed.wait())
        try:
            await asyncio.wait([arrival, *tasks], timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await cancel_and_wait(arrival)

    def take(self) -> list[Pushed]:
        """Return the items, which leave the buffer. Raises the error."""
        if self._error is not None:
            raise self._error
        items, self._items = self._items, []
        self._changed.clear()
        return items
