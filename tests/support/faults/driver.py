"""Sends the planned requests evenly over time, during faults as well, and remembers the accepted ones."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tests.support.faults.doors import RequestChannel
from tests.support.faults.facts import SentRequest
from tests.support.faults.plan import PlannedRequest

_CONCURRENCY = 32


class RequestSender:
    """`asked` has the accepted requests by name."""

    def __init__(self, door: RequestChannel) -> None:
        self._door = door
        self._slots = asyncio.Semaphore(_CONCURRENCY)
        self.asked: dict[str, SentRequest] = {}
        self.started = 0

    async def publish_all(self, asks: Sequence[PlannedRequest], seconds: float) -> None:
        """Send all of them, spread over `seconds` as far as the pipeline keeps up; return when all are accepted."""
        loop = asyncio.get_running_loop()
        start, pause = loop.time(), seconds / max(len(asks), 1)
        async with asyncio.TaskGroup() as tasks:
            for number, ask in enumerate(asks):
                await asyncio.sleep(max(0.0, start + number * pause - loop.time()))
                await self._slots.acquire()
                tasks.create_task(self._publish_and_release(ask))
                self.started += 1

    async def publish(self, ask: PlannedRequest) -> None:
        expires_at = datetime.now(UTC) + timedelta(seconds=ask.timeout)
        await self._door.send(ask, expires_at)
        self.asked[ask.name] = SentRequest(ask, expires_at)

    async def _publish_and_release(self, ask: PlannedRequest) -> None:
        try:
            await self.publish(ask)
        finally:
            self._slots.release()
