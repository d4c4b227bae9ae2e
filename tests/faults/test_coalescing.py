"""A thousand requests that wait together for one market: at most two fetches, and each request completes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.support.faults import reading
from tests.support.faults.doors import TopicDoor
from tests.support.faults.driver import Driver
from tests.support.faults.plan import Ask, market_of
from tests.support.faults.stand import Stand, on_kafka

COUNT = 1_000
MARKET = market_of("PAXGUSDT", "15m")  # used by no other test: topics are shared
HELD_SECONDS = 2.0


@pytest.fixture
async def stand(kafka_for_roles: str, mysql_url: str, tmp_path: Path) -> AsyncIterator[Stand]:
    async with on_kafka(kafka_for_roles, mysql_url, tmp_path) as stand:
        yield stand


async def test_analyzer_coalesces_a_thousand_requests_into_two_calls(
    stand: Stand, unique: Callable[[str], str]
) -> None:
    prefix = unique("together")
    asks = [Ask(f"{prefix}-{number}", "request", MARKET, keyed=number % 2 == 0) for number in range(COUNT)]
    await stand.exchange.fault("delay", path="klines", symbol=MARKET.symbol, seconds=HELD_SECONDS)
    await Driver(TopicDoor(stand.broker)).publish_all(asks, 0.0)

    await stand.crew.start("sink")
    await stand.crew.start("analyzer")
    async with asyncio.timeout(90):
        while await reading.ended(stand.engine, prefix) < COUNT:  # noqa: ASYNC110 - the table has no event
            await asyncio.sleep(0.2)

    jobs = await reading.jobs(stand.engine, prefix)
    assert {job.status for job in jobs.values()} == {"completed"}
    calls = [
        call for call in await stand.exchange.calls("klines") if call["query"]["symbol"] == MARKET.symbol
    ]
    assert len(calls) <= 2
    assert MARKET.key in await reading.rows(stand.engine)
