"""One client of the live stream, with the events that wait for it."""

import asyncio
from collections.abc import Hashable

from api.live.events import LATEST_ONLY, EventFilter, StreamEvent, build_reset


class StreamListener:
    """A bounded queue of the events that match `wanted`. On overflow a `reset` replaces all waiting events.

    Of the prices of one market only the latest waits, and of its closes without change; they do not count.
    """

    def __init__(self, wanted: EventFilter, capacity: int, client: str = "") -> None:
        self.client = client
        self._wanted = wanted
        self._capacity = capacity
        self._waiting: dict[Hashable, StreamEvent] = {}
        self._counted = 0
        self._wake = asyncio.Event()
        self._closed = False

    @property
    def is_done(self) -> bool:
        """Whether it is closed and no event waits."""
        return self._closed and not self._waiting

    def enqueue(self, event: StreamEvent) -> None:
        """Add `event`, if the client wants it."""
        if self._closed or not self._wanted.matches(event):
            return
        if event.kind in LATEST_ONLY:
            self._waiting.pop((event.kind, event.market or event.instrument), None)
            self._waiting[event.kind, event.market or event.instrument] = event
        else:
            if self._counted >= self._capacity:
                self._waiting.clear()
                self._counted = 0
                event = build_reset(event.id, "this client is too slow")
            self._waiting[event.kind, event.id] = event
            self._counted += 1
        self._wake.set()

    async def next(self, timeout: float) -> StreamEvent | None:
        """Return the event that has waited longest; None after `timeout` seconds without one, or when done."""
        try:
            async with asyncio.timeout(timeout):
                while not self._waiting and not self._closed:
                    self._wake.clear()
                    await self._wake.wait()
        except TimeoutError:
            return None
        if not self._waiting:
            return None
        event = self._waiting.pop(next(iter(self._waiting)))
        self._counted -= event.kind not in LATEST_ONLY
        return event

    def close(self) -> None:
        """Accept no further events; those that wait can still be read."""
        self._closed = True
        self._wake.set()
