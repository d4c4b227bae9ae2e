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
from tests.support.faults.doors import TopicChannel
from tests.support.faults.driver import RequestSender
from tests.support.faults.facts import OutcomeRecord
from tests.support.faults.plan import PlannedRequest, make_market
from tests.support.faults.stand import FaultEnvironment, start_on_kafka

pytestmark = [pytest.mark.nemesis, pytest.mark.timeout(600)]
MARKET = make_market("ETHUSDT", "4h")
SECONDS = 240.0


@pytest.fixture
async def stand(
    breakable: Servers, breakable_database: str, tmp_path: Path
) -> AsyncIterator[FaultEnvironment]:
    address, owned = breakable.kafka.address, breakable.owned()
    async with start_on_kafka(address, breakable_database, tmp_path, owned=owned) as stand:
        await stand.crew.start("sink")
        yield stand


@asynccontextmanager
async def fallen_asleep(stand: FaultEnvironment, step: str, request: str) -> AsyncIterator[ProcessWorker]:
    """An analyzer that took the request and sleeps at `step`, while another took its place and answered."""
    command = ("tests.support.freezing", step)
    sleeper = await ProcessWorker.begun("analyzer", stand.environ, stand.logs / "sleeper.log", command)
    try:
        await RequestSender(TopicChannel(stand.broker)).publish(PlannedRequest(request, "request", MARKET))
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


async def ended(stand: FaultEnvironment, request: str) -> bool:
    return await reading.count_ended(stand.engine, request) == 1


async def committed_behind(stand: FaultEnvironment, group: str, ending: OutcomeRecord) -> bool:
    return (await stand.offsets.committed(group)).get(ending.partition, 0) > ending.offset


async def test_its_late_result_is_published_and_does_not_change_the_row(
    stand: FaultEnvironment, unique: Callable[[str], str]
) -> None:
    request = unique("late-result")
    async with (
        stand.broker.read([RESULTS.name], Edge.END) as results,
        fallen_asleep(stand, "publishing", request) as sleeper,
    ):
        records = aiter(results)
        newer = reading.parse_outcome(await asyncio.wait_for(anext(records), SECONDS))
        await until(lambda: ended(stand, request))
        rows = await reading.read_rows(stand.engine)
        sleeper.thaw()
        older = reading.parse_outcome(await asyncio.wait_for(anext(records), SECONDS))
        assert older
        assert newer
        await until(lambda: committed_behind(stand, SINK_GROUP, older))

    assert older.names == newer.names == (request,)
    assert older.version
    assert newer.version
    assert older.version < newer.version == rows[MARKET.key]
    assert await reading.read_rows(stand.engine) == rows


async def test_its_commit_is_refused(stand: FaultEnvironment, unique: Callable[[str], str]) -> None:
    request = unique("late-commit")
    async with (
        stand.broker.read([REQUESTS.name], Edge.END) as requests,
        fallen_asleep(stand, "committing", request) as sleeper,
    ):
        record = await asyncio.wait_for(anext(aiter(requests)), SECONDS)
        taken_over = OutcomeRecord(record.source, record.offset, "completed", (request,))
        await until(lambda: committed_behind(stand, ANALYZER_GROUP, taken_over))
        committed = await stand.offsets.committed(ANALYZER_GROUP)
        sleeper.thaw()
        await until(lambda: asyncio.sleep(0, "commit.refused" in sleeper.log.read_text()))

    assert await stand.offsets.committed(ANALYZER_GROUP) == committed
    assert await ended(stand, request)
