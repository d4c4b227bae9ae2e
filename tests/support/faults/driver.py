"""Hands in what is planned, evenly in time and whatever happens behind the door; remembers what was taken."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tests.support.faults.doors import RequestChannel
from tests.support.faults.facts import SentRequest
from tests.support.faults.plan import PlannedRequest

_CONCURRENCY = 32


class RequestSender:
    """`asked` has what was taken, by name."""

    def __init__(self, door: RequestChannel) -> None:
        self._door = door
        self._places = asyncio.Semaphore(_CONCURRENCY)
        self.asked: dict[str, SentRequest] = {}
        self.begun = 0

    async def publish_all(self, asks: Sequence[PlannedRequest], seconds: float) -> None:
        """Returns when every one of them is taken; spread over `seconds` where those behind the door keep up."""
        loop = asyncio.get_running_loop()
        start, pause = loop.time(), seconds / max(len(asks), 1)
        async with asyncio.TaskGroup() as tasks:
            for number, ask in enumerate(asks):
                await asyncio.sleep(max(0.0, start + number * pause - loop.time()))
                await self._places.acquire()
                tasks.create_task(self._publish_and_let_go(ask))
                self.begun += 1

    async def publish(self, ask: PlannedRequest) -> None:
        expires_at = datetime.now(UTC) + timedelta(seconds=ask.patience)
        await self._door.hand_in(ask, expires_at)
        self.asked[ask.name] = SentRequest(ask, expires_at)

    async def _publish_and_let_go(self, ask: PlannedRequest) -> None:
        try:
            await self.publish(ask)
        finally:
            self._places.release()
