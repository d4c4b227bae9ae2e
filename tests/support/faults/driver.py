"""Publishes what is planned, evenly in time and whatever happens to the broker; remembers what was acknowledged."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from runtime.broker.acknowledged import publish_until_acknowledged
from runtime.broker.ports import Broker, Message
from runtime.broker.retry import Pace
from runtime.clock import SystemClock
from schemas.topics import REQUESTS
from tests.support.faults.facts import Asked
from tests.support.faults.plan import Ask
from tests.support.faults.reading import POISON

_PACE = Pace(first=0.5, most=2.0)
_AT_ONCE = 32


class Driver:
    """`asked` has what the broker acknowledged, by name."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._places = asyncio.Semaphore(_AT_ONCE)
        self.asked: dict[str, Asked] = {}
        self.begun = 0

    async def publish_all(self, asks: Sequence[Ask], seconds: float) -> None:
        """Returns when every one of them is acknowledged; spread over `seconds` where the broker keeps up."""
        loop = asyncio.get_running_loop()
        start, pause = loop.time(), seconds / max(len(asks), 1)
        async with asyncio.TaskGroup() as tasks:
            for number, ask in enumerate(asks):
                await asyncio.sleep(max(0.0, start + number * pause - loop.time()))
                await self._places.acquire()
                tasks.create_task(self._publish_and_let_go(ask))
                self.begun += 1

    async def publish(self, ask: Ask) -> None:
        """A send whose outcome is unknown is sent again: that is safe, and that is what callers do."""
        expires_at = datetime.now(UTC) + timedelta(seconds=ask.patience)
        await publish_until_acknowledged(self._broker, _message(ask, expires_at), SystemClock(), pace=_PACE)
        self.asked[ask.name] = Asked(ask, expires_at)

    async def _publish_and_let_go(self, ask: Ask) -> None:
        try:
            await self.publish(ask)
        finally:
            self._places.release()


def _message(ask: Ask, expires_at: datetime) -> Message:
    if ask.kind == "poison":
        return Message(REQUESTS.name, None, POISON + ask.name.encode())
    body = {**ask.market.model_dump(), "request_id": ask.name, "expires_at": expires_at.isoformat()}
    key = ask.market.key.encode() if ask.keyed else None
    return Message(REQUESTS.name, key, json.dumps(body).encode())
