"""The API with Redis: equal answers, and every commit of the sink is visible at once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from httpx import AsyncClient
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from consumers.sink.handler import Sink
from consumers.sink.invalidation import CacheInvalidation
from schemas.tables import analysis_results
from storage.response_cache import ResponseCache
from tests.support.events import NOON, make_completed, make_market, to_record
from tests.support.sinks import RecordingBroker, SwiftClock
from tests.unit.api.fakes import JumpingClock, client_of, dependencies

PATHS = ("/api/v1/analysis/results", "/api/v1/analysis/1", "/results")


@pytest.fixture
async def cache(redis_url: str) -> AsyncIterator[ResponseCache]:
    cache = ResponseCache.from_url(redis_url, JumpingClock(), 300)
    try:
        yield cache
    finally:
        await cache.close()


@pytest.fixture
async def cached(
    engine: AsyncEngine, broker: MemoryBroker, cache: ResponseCache
) -> AsyncIterator[AsyncClient]:
    async with client_of(replace(dependencies(engine, broker=broker), cache=cache)) as client:
        yield client


class Writer:
    """A sink with the invalidation of the cache."""

    def __init__(self, engine: AsyncEngine, cache: ResponseCache) -> None:
        clock = SwiftClock()
        self.invalidation = CacheInvalidation(cache, clock)
        self.sink = Sink(
            engine=engine,
            broker=RecordingBroker(),  # type: ignore[arg-type]  # nothing is published
            clock=clock,
            exchange="binance",
            invalidation=self.invalidation,
        )

    async def write(self, price: float, *, minutes: int = 0, symbol: str = "BTCUSDT") -> None:
        event = make_completed(
            make_market(symbol), last_price=price, analyzed_at=NOON + timedelta(minutes=minutes)
        )
        await self.sink.handle([self.sink.decode(to_record(event))])


@pytest.fixture
def writer(engine: AsyncEngine, cache: ResponseCache) -> Writer:
    return Writer(engine, cache)


async def prices(client: AsyncClient) -> list[float]:
    """Return the last price of row 1 from each route."""
    shown = []
    for path in PATHS:
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        body = answer.json()
        found = body if isinstance(body, list) else body["data"]
        shown.append((found if isinstance(found, dict) else found[-1])["last_price"])
    return shown


async def test_cached_response_equals_the_uncached_one(
    cached: AsyncClient, client: AsyncClient, writer: Writer
) -> None:
    await writer.write(1.0)
    await writer.invalidation.flush()
    for path in (*PATHS, "/api/v1/analysis/results?symbol=btc&pageSize=1"):
        plain = await client.get(path)
        for _ in range(2):
            assert (await cached.get(path)).content == plain.content


async def test_cached_response_needs_no_database(
    cached: AsyncClient, engine: AsyncEngine, writer: Writer
) -> None:
    await writer.write(1.0)
    await writer.invalidation.flush()
    assert await prices(cached) == [1.0] * 3
    async with engine.begin() as connection:
        await connection.execute(update(analysis_results).values(last_price=9.0))
    assert await prices(cached) == [1.0] * 3


async def test_cached_response_is_dropped_when_a_row_commits(cached: AsyncClient, writer: Writer) -> None:
    for minute, price in enumerate((1.0, 2.0, 3.0)):
        await writer.write(price, minutes=minute)
        assert await prices(cached) == [price] * 3  # the invalidation is not flushed yet
        await writer.invalidation.flush()
        assert await prices(cached) == [price] * 3
        assert await prices(cached) == [price] * 3


async def test_cached_response_survives_a_row_of_another_market(
    cached: AsyncClient, engine: AsyncEngine, writer: Writer
) -> None:
    await writer.write(1.0)
    await writer.invalidation.flush()
    await prices(cached)
    await writer.write(5.0, symbol="ETHUSDT")
    await writer.invalidation.flush()
    async with engine.begin() as connection:
        await connection.execute(update(analysis_results).values(last_price=9.0))
    assert await prices(cached) == [9.0, 1.0, 9.0]


async def test_cached_response_is_not_stored_for_a_404(cached: AsyncClient, writer: Writer) -> None:
    assert (await cached.get("/api/v1/analysis/1")).status_code == 404
    await writer.write(1.0)
    assert (await cached.get("/api/v1/analysis/1")).status_code == 200
