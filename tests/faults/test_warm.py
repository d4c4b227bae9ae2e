"""A market that an analyzer has answered before costs it one call of ten candles: the exchange's log tells."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.support.faults import reading
from tests.support.faults.doors import TopicDoor
from tests.support.faults.driver import Driver
from tests.support.faults.plan import Ask, market_of
from tests.support.faults.stand import Stand, in_process

pytestmark = [pytest.mark.nemesis, pytest.mark.timeout(300)]  # not for what it breaks, but for its seconds
MARKET = market_of("BTCUSDT", "1h")


@pytest.fixture
async def stand(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Stand]:
    async with in_process(sqlite_url, tmp_path) as stand:
        await stand.crew.start("sink")
        await stand.crew.start("analyzer")
        yield stand


async def cost(stand: Stand, request: str) -> list[dict[str, Any]]:
    """The klines calls that answering it took."""
    await stand.exchange.forget_calls()
    await Driver(TopicDoor(stand.broker)).publish(Ask(request, "request", MARKET))
    async with asyncio.timeout(120):
        while not await reading.ended(stand.engine, request):  # noqa: ASYNC110 - the table has no event
            await asyncio.sleep(0.1)
    assert (await reading.jobs(stand.engine, request))[request].status == "completed"
    return await stand.exchange.calls("klines")


async def test_asked_again_it_costs_one_call_of_ten_candles(
    stand: Stand, unique: Callable[[str], str]
) -> None:
    name = unique("warm")
    assert sum(int(call["query"]["limit"]) for call in await cost(stand, f"{name}-cold-")) == 2_000
    # For some seconds an answer costs nothing at all: what was fetched is lent.
    for number in count():
        if calls := await cost(stand, f"{name}-{number}-"):
            break
    (call,) = calls
    assert int(call["query"]["limit"]) <= 10
