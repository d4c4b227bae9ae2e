"""The canary: a request every minute, its seconds when it is answered, and its age while it is not."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.ports import DeliveryUnknown
from producers.scheduler.canary import INTERVAL, Canary
from runtime.metrics import CANARY_AGE
from runtime.settings import Settings
from schemas.tables import metadata
from storage.canary import load_latest_answer
from storage.database import open_database
from storage.jobs import JobChange, record_changes, record_queued
from tests.support.clock import ManualClock
from tests.support.deadlines import within
from tests.unit.producers.scheduler.test_scheduler import Publisher


@pytest.fixture
async def engine(sqlite_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_database(sqlite_url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    try:
        yield engine
    finally:
        await engine.dispose()


class Cage:
    """A canary, its clock and its publisher."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.clock, self.publisher, self.engine = ManualClock(), Publisher(), engine
        settings = Settings.load(exchange="sim", exchanges="sim")
        self.canary = Canary(settings, publisher=self.publisher, engine=engine, clock=self.clock)

    async def run_round(self, *, end_at: int | None = None, status: str = "completed") -> None:
        """Run a round second by second; its job ends with `status` after `end_at` seconds."""
        running = asyncio.create_task(self.canary.run_round())
        for second in range(int(INTERVAL)):
            await self.clock.wait_for_sleepers()
            if second == end_at:
                await self.end_job(status)
            await self.clock.advance(1.0)
        await within(running)

    async def end_job(self, status: str) -> None:
        request = self.publisher.requests[-1]
        async with self.engine.begin() as connection:
            await record_queued(connection, [request], at=self.clock.now())
            change = JobChange(request.request_id, status, ended_at=self.clock.now())  # type: ignore[arg-type]
            await record_changes(connection, [change])


def age() -> float:
    return CANARY_AGE._value.get()


async def test_canary_age_is_that_of_the_latest_answer(engine: AsyncEngine) -> None:
    cage = Cage(engine)
    await cage.run_round(end_at=9)
    assert 45 <= age() <= 51
    await cage.run_round()
    assert 105 <= age() <= 111
    await cage.run_round(end_at=3, status="failed")
    assert 165 <= age() <= 171
    await cage.run_round(end_at=0)
    assert 55 <= age() <= 60
    requests = cage.publisher.requests
    assert [request.market.key for request in requests] == ["sim:spot:BTCUSDT:1h"] * 4
    assert sorted(cage.publisher.ids) == cage.publisher.ids
    async with engine.connect() as connection:
        latest = await load_latest_answer(connection)
    assert latest is not None
    assert latest["request_id"] == cage.publisher.ids[-1]


async def test_canary_goes_on_after_an_outage_of_the_broker(engine: AsyncEngine) -> None:
    cage = Cage(engine)
    cage.publisher.error = DeliveryUnknown("no acknowledgement")
    await cage.run_round()
    assert age() >= INTERVAL - 1
    cage.publisher.error = None
    await cage.run_round(end_at=1)
    assert age() < INTERVAL


async def test_canary_goes_on_after_an_outage_of_the_database() -> None:
    nowhere = open_database("mysql+aiomysql://nobody@127.0.0.1:1/nothing")
    cage = Cage(nowhere)
    await cage.run_round()
    assert age() >= INTERVAL - 1
    assert len(cage.publisher.requests) == 1
    await nowhere.dispose()
