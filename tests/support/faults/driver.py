"""Hands in what is planned, evenly in time and whatever happens behind the door; remembers what was taken."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tests.support.faults.doors import Door
from tests.support.faults.facts import Asked
from tests.support.faults.plan import Ask

_AT_ONCE = 32


class Driver:
    """`asked` has what was taken, by name."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._places = asyncio.Semaphore(_AT_ONCE)
        self.asked: dict[str, Asked] = {}
        self.begun = 0

    async def publish_all(self, asks: Sequence[Ask], seconds: float) -> None:
        """Returns when every one of them is taken; spread over `seconds` where those behind the door keep up."""
        loop = asyncio.get_running_loop()
        start, pause = loop.time(), seconds / max(len(asks), 1)
        async with asyncio.TaskGroup() as tasks:
            for number, ask in enumerate(asks):
                await asyncio.sleep(max(0.0, start + number * pause - loop.time()))
                await self._places.acquire()
                tasks.create_task(self._publish_and_let_go(ask))
                self.begun += 1

    async def publish(self, ask: Ask) -> None:
        expires_at = datetime.now(UTC) + timedelta(seconds=ask.patience)
        await self._door.hand_in(ask, expires_at)
        self.asked[ask.name] = Asked(ask, expires_at)

    async def _publish_and_let_go(self, ask: Ask) -> None:
        try:
            await self.publish(ask)
        finally:
            self._places.release()
