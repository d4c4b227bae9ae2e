"""The latest prices in Redis: kept with an end, and no worse than none while it is away."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from exchanges.latest_prices import PRICE_TTL_SECONDS, LatestPrices
from exchanges.ports import Tradable
from runtime.best_effort_redis import BestEffortRedis
from tests.support.clock import ManualClock
from tests.support.containers import find_free_port
from tests.support.deadlines import within
from tests.support.quotes import T0, a_quote
from tests.support.refusing_redis import REFUSALS, Refusal

ETH = Tradable("sim", "spot", "ETHUSDT")


@pytest.fixture
async def latest(redis_url: str) -> AsyncIterator[LatestPrices]:
    prices = LatestPrices(BestEffortRedis.from_url(redis_url, ManualClock()))
    try:
        yield prices
    finally:
        await prices.close()


async def test_latest_prices_keep_the_newest_of_each_market(latest: LatestPrices) -> None:
    old, new = a_quote(100.0), a_quote(101.0, at=T0 + 1_000)
    await latest.store([old])
    await latest.store([new])
    assert await latest.load([new.market, ETH]) == {new.market: new}
    assert await latest.load([]) == {}


async def test_latest_price_expires_after_a_minute(latest: LatestPrices, redis_url: str) -> None:
    await latest.store([a_quote(100.0)])
    async with Redis.from_url(redis_url) as client:
        assert 0 < await client.ttl("strandline:price:sim:spot:BTCUSDT") <= PRICE_TTL_SECONDS


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_latest_price_ends_in_a_redis_that_refuses_writes(
    latest: LatestPrices, redis_url: str, refusal: Refusal
) -> None:
    quote = a_quote(100.0)
    await latest.store([quote])
    async with Redis.from_url(redis_url) as client:
        await client.pexpire("strandline:price:sim:spot:BTCUSDT", 50)
        async with refusal(client):
            await within(latest.store([a_quote(101.0, at=T0 + 1_000)]))
            while await client.get("strandline:price:sim:spot:BTCUSDT"):
                pass
            reader = LatestPrices(BestEffortRedis.from_url(redis_url, ManualClock()))
            assert await reader.load([quote.market]) == {}
            await reader.close()


async def test_latest_prices_are_empty_without_redis() -> None:
    latest = LatestPrices(BestEffortRedis.from_url(f"redis://127.0.0.1:{find_free_port()}", ManualClock()))
    await within(latest.store([a_quote(100.0)]))
    assert await within(latest.load([a_quote(100.0).market])) == {}
    await latest.close()
