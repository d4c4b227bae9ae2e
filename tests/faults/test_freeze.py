"""An analyzer that slept through its session wakes with a result, or a commit, that is no longer its to give."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from broker.ports import Edge
from schemas.topics import ANALYZER_GROUP, REQUESTS, RESULTS, SINK_GROUP
from tests.support.faults import reading
from tests.support.faults.breakable import Servers
from tests.support.faults.crew import ProcessWorker
from tests.support.faults.doors import TopicDoor
from tests.support.faults.driver import Driver
from tests.support.faults.facts import Ending
from tests.support.faults.plan import Ask, market_of
from tests.support.faults.stand import Stand, on_kafka

pytestmark = [pytest.mark.nemesis, pytest.mark.timeout(600)]
MARKET = market_of("ETHUSDT", "4h")
SECONDS = 240.0


@pytest.fixture
async def stand(breakable: Servers, breakable_database: str, tmp_path: Path) -> AsyncIterator[Stand]:
    address, owned = breakable.kafka.address, breakable.owned()
    async with on_kafka(address, breakable_database, tmp_path, owned=owned) as stand:
        await stand.crew.start("sink")
        yield stand


@asynccontextmanager
async def fallen_asleep(stand: Stand, step: str, request: str) -> AsyncIterator[ProcessWorker]:
    """An analyzer that took the request and sleeps at `step`, while another took its place and answered."""
    command = ("tests.support.freezing", step)
    sleeper = await ProcessWorker.begun("analyzer", stand.environ, stand.logs / "sleeper.log", command)
    try:
        await Driver(TopicDoor(stand.broker)).publish(Ask(request, "request", MARKET))
        await until(lambda: asyncio.sleep(0, sleeper.frozen))
        await stand.crew.start("analyzer")
        yield sleeper
    finally:
        await sleeper.kill()


async def until(condition: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Ask again and again: neither processes nor tables offer an event to wait for."""
    async with asyncio.timeout(SECONDS):
        while not await condition():  # noqa: ASYNC110 - as said
            await asyncio.sleep(0.1)


async def ended(stand: Stand, request: str) -> bool:
    return await reading.ended(stand.engine, request) == 1


async def committed_behind(stand: Stand, group: str, ending: Ending) -> bool:
    return (await stand.offsets.committed(group)).get(ending.partition, 0) > ending.offset


async def test_its_late_result_is_published_and_does_not_change_the_row(
    stand: Stand, unique: Callable[[str], str]
) -> None:
    request = unique("late-result")
    async with (
        stand.broker.read([RESULTS.name], Edge.END) as results,
        fallen_asleep(stand, "publishing", request) as sleeper,
    ):
        records = aiter(results)
        newer = reading.ending_of(await asyncio.wait_for(anext(records), SECONDS))
        await until(lambda: ended(stand, request))
        rows = await reading.rows(stand.engine)
        sleeper.thaw()
        older = reading.ending_of(await asyncio.wait_for(anext(records), SECONDS))
        assert older
        assert newer
        await until(lambda: committed_behind(stand, SINK_GROUP, older))

    assert older.names == newer.names == (request,)
    assert older.version
    assert newer.version
    assert older.version < newer.version == rows[MARKET.key]
    assert await reading.rows(stand.engine) == rows


async def test_its_commit_is_refused(stand: Stand, unique: Callable[[str], str]) -> None:
    request = unique("late-commit")
    async with (
        stand.broker.read([REQUESTS.name], Edge.END) as requests,
        fallen_asleep(stand, "committing", request) as sleeper,
    ):
        record = await asyncio.wait_for(anext(aiter(requests)), SECONDS)
        taken_over = Ending(record.source, record.offset, "completed", (request,))
        await until(lambda: committed_behind(stand, ANALYZER_GROUP, taken_over))
        committed = await stand.offsets.committed(ANALYZER_GROUP)
        sleeper.thaw()
        await until(lambda: asyncio.sleep(0, "commit.refused" in sleeper.log.read_text()))

    assert await stand.offsets.committed(ANALYZER_GROUP) == committed
    assert await ended(stand, request)
