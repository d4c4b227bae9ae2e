"""`/health`: concurrent calls share one check of the database and the broker."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from tests.unit.api.fakes import client_of, dependencies


class CountingBroker(MemoryBroker):
    checks = 0

    async def is_reachable(self, timeout: float) -> bool:
        self.checks += 1
        await asyncio.sleep(0)
        return True


async def test_health_check_is_shared_by_concurrent_calls(engine: AsyncEngine) -> None:
    broker = CountingBroker()
    try:
        async with client_of(dependencies(engine, broker=broker)) as client:
            answers = await asyncio.gather(*(client.get("/health") for _ in range(50)))
    finally:
        await broker.close()
    assert {answer.json()["broker"] for answer in answers} == {True}
    assert broker.checks == 1
