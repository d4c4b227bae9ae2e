"""A thousand requests that wait together for one market: at most two fetches, and each request completes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.support.faults import reading
from tests.support.faults.doors import TopicChannel
from tests.support.faults.driver import RequestSender
from tests.support.faults.plan import PlannedRequest, make_market
from tests.support.faults.stand import FaultEnvironment, start_on_kafka

COUNT = 1_000
MARKET = make_market("PAXGUSDT", "15m")  # used by no other test: topics are shared
HELD_SECONDS = 2.0


@pytest.fixture
async def stand(
    kafka_for_roles: str, migrated_mysql_url: str, tmp_path: Path
) -> AsyncIterator[FaultEnvironment]:
    async with start_on_kafka(kafka_for_roles, migrated_mysql_url, tmp_path) as stand:
        yield stand


async def test_analyzer_coalesces_a_thousand_requests_into_two_calls(
    stand: FaultEnvironment, unique: Callable[[str], str]
) -> None:
    prefix = unique("together")
    asks = [
        PlannedRequest(f"{prefix}-{number}", "request", MARKET, keyed=number % 2 == 0)
        for number in range(COUNT)
    ]
    await stand.exchange.fault("delay", path="klines", symbol=MARKET.symbol, seconds=HELD_SECONDS)
    await RequestSender(TopicChannel(stand.broker)).publish_all(asks, 0.0)

    await stand.crew.start("sink")
    await stand.crew.start("analyzer")
    async with asyncio.timeout(90):
        while await reading.count_ended(stand.engine, prefix) < COUNT:  # noqa: ASYNC110 - the table has no event
            await asyncio.sleep(0.2)

    jobs = await reading.read_jobs(stand.engine, prefix)
    assert {job.status for job in jobs.values()} == {"completed"}
    calls = [
        call for call in await stand.exchange.calls("klines") if call["query"]["symbol"] == MARKET.symbol
    ]
    assert len(calls) <= 2
    assert MARKET.key in await reading.read_rows(stand.engine)
