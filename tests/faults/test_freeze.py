"""An analyzer that was frozen beyond its session resumes with a late result or a late commit."""

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
async def freeze_at(stand: FaultEnvironment, step: str, request: str) -> AsyncIterator[ProcessWorker]:
    """Yield an analyzer that is frozen at `step` with the request, while another analyzer has answered it."""
    command = ("tests.support.freezing", step)
    frozen = await ProcessWorker.start("analyzer", stand.environ, stand.logs / "frozen.log", command)
    try:
        await RequestSender(TopicChannel(stand.broker)).publish(PlannedRequest(request, "request", MARKET))
        await wait_until(lambda: asyncio.sleep(0, frozen.frozen))
        await stand.crew.start("analyzer")
        yield frozen
    finally:
        await frozen.kill()


async def wait_until(condition: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Poll the condition: neither processes nor tables offer an event to wait for."""
    async with asyncio.timeout(SECONDS):
        while not await condition():  # noqa: ASYNC110 - there is no event
            await asyncio.sleep(0.1)


async def has_ended(stand: FaultEnvironment, request: str) -> bool:
    return await reading.count_ended(stand.engine, request) == 1


async def is_committed_past(stand: FaultEnvironment, group: str, ending: OutcomeRecord) -> bool:
    return (await stand.offsets.committed(group)).get(ending.partition, 0) > ending.offset


async def test_frozen_analyzer_publishes_a_late_result_that_changes_no_row(
    stand: FaultEnvironment, unique: Callable[[str], str]
) -> None:
    request = unique("late-result")
    async with (
        stand.broker.read([RESULTS.name], Edge.END) as results,
        freeze_at(stand, "publishing", request) as frozen,
    ):
        records = aiter(results)
        newer = reading.parse_outcome(await asyncio.wait_for(anext(records), SECONDS))
        await wait_until(lambda: has_ended(stand, request))
        rows = await reading.read_rows(stand.engine)
        frozen.thaw()
        older = reading.parse_outcome(await asyncio.wait_for(anext(records), SECONDS))
        assert older
        assert newer
        await wait_until(lambda: is_committed_past(stand, SINK_GROUP, older))

    assert older.names == newer.names == (request,)
    assert older.version
    assert newer.version
    assert older.version < newer.version == rows[MARKET.key]
    assert await reading.read_rows(stand.engine) == rows


async def test_frozen_analyzer_cannot_commit(stand: FaultEnvironment, unique: Callable[[str], str]) -> None:
    request = unique("late-commit")
    async with (
        stand.broker.read([REQUESTS.name], Edge.END) as requests,
        freeze_at(stand, "committing", request) as frozen,
    ):
        record = await asyncio.wait_for(anext(aiter(requests)), SECONDS)
        taken_over = OutcomeRecord(record.source, record.offset, "completed", (request,))
        await wait_until(lambda: is_committed_past(stand, ANALYZER_GROUP, taken_over))
        committed = await stand.offsets.committed(ANALYZER_GROUP)
        frozen.thaw()
        await wait_until(lambda: asyncio.sleep(0, "commit.refused" in frozen.log.read_text()))

    assert await stand.offsets.committed(ANALYZER_GROUP) == committed
    assert await has_ended(stand, request)
