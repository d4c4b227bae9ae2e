"""A market that an analyzer has cached costs one call of ten candles, by the log of the exchange."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.support.faults import reading
from tests.support.faults.doors import TopicChannel
from tests.support.faults.driver import RequestSender
from tests.support.faults.plan import PlannedRequest, make_market
from tests.support.faults.stand import FaultEnvironment, start_in_process

pytestmark = [pytest.mark.nemesis, pytest.mark.timeout(300)]  # marked for its duration: it breaks nothing
MARKET = make_market("BTCUSDT", "1h")


@pytest.fixture
async def stand(migrated_sqlite_url: str, tmp_path: Path) -> AsyncIterator[FaultEnvironment]:
    async with start_in_process(migrated_sqlite_url, tmp_path) as stand:
        await stand.crew.start("sink")
        await stand.crew.start("analyzer")
        yield stand


async def calls_for(stand: FaultEnvironment, request: str) -> list[dict[str, Any]]:
    """Return the klines calls that answering it took."""
    await stand.exchange.forget_calls()
    await RequestSender(TopicChannel(stand.broker)).publish(PlannedRequest(request, "request", MARKET))
    async with asyncio.timeout(120):
        while not await reading.count_ended(stand.engine, request):  # noqa: ASYNC110 - the table has no event
            await asyncio.sleep(0.1)
    assert (await reading.read_jobs(stand.engine, request))[request].status == "completed"
    return await stand.exchange.calls("klines")


async def test_candle_cache_reduces_a_second_request_to_one_call_of_ten_candles(
    stand: FaultEnvironment, unique: Callable[[str], str]
) -> None:
    name = unique("warm")
    assert sum(int(call["query"]["limit"]) for call in await calls_for(stand, f"{name}-cold-")) == 2_000
    # For five seconds an answer takes no call: the fetched series is used again.
    for number in count():
        if calls := await calls_for(stand, f"{name}-{number}-"):
            break
    (call,) = calls
    assert int(call["query"]["limit"]) <= 10
