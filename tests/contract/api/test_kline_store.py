"""Candles for charts in Redis: shared by processes, expiring, and absent while Redis is away."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from api.candles.kline_store import RedisKlineStore
from broker.memory.broker import MemoryBroker
from runtime.best_effort_redis import BestEffortRedis
from schemas.values import to_ms
from storage.database import open_database
from tests.support.clock import ManualClock
from tests.support.containers import find_free_port
from tests.support.deadlines import within
from tests.support.refusing_redis import REFUSALS, Refusal
from tests.unit.api.fakes import NOW, ListedCandles, client_of, dependencies


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[RedisKlineStore]:
    opened = RedisKlineStore(BestEffortRedis.from_url(redis_url, ManualClock()), ManualClock())
    try:
        yield opened
    finally:
        await opened.close()


async def test_redis_store_is_shared_by_processes(store: RedisKlineStore, redis_url: str) -> None:
    await store.put("binance:spot:BTCUSDT:1h:10:None:None", b"[]", 60)
    another = RedisKlineStore(BestEffortRedis.from_url(redis_url, ManualClock()), ManualClock())
    assert await another.get("binance:spot:BTCUSDT:1h:10:None:None") == b"[]"
    assert await another.get("bybit:spot:BTCUSDT:1h:10:None:None") is None
    await another.close()


async def test_redis_store_values_expire(store: RedisKlineStore, redis_url: str) -> None:
    await store.put("a", b"[]", 1.5)
    async with Redis.from_url(redis_url) as client:
        assert 0 < await client.pttl("strandline:klines:a") <= 1_500


async def test_redis_store_is_empty_while_redis_is_away() -> None:
    store = RedisKlineStore(
        BestEffortRedis.from_url(f"redis://127.0.0.1:{find_free_port()}", ManualClock()), ManualClock()
    )
    await within(store.put("a", b"[]", 60))
    assert await within(store.get("a")) is None
    await store.close()


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_redis_store_reads_what_a_redis_that_refuses_writes_still_has(
    store: RedisKlineStore, redis_url: str, refusal: Refusal
) -> None:
    await store.put("a", b"[1]", 60)
    async with Redis.from_url(redis_url) as client, refusal(client):
        reader = RedisKlineStore(BestEffortRedis.from_url(redis_url, ManualClock()), ManualClock())
        assert await reader.get("a") == b"[1]"
        await within(reader.put("b", b"[2]", 60))
        await reader.close()
        assert not await client.exists("strandline:klines:b")


async def test_redis_store_is_bounded_for_each_process(redis_url: str) -> None:
    clock = ManualClock()
    store = RedisKlineStore(BestEffortRedis.from_url(redis_url, clock), clock, max_bytes=20)
    await store.put("first", b"[1]", 60)
    await store.put("second", b"[2]", 60)
    assert [await store.get("first"), await store.get("second")] == [b"[1]", None]
    await clock.advance(60)
    await store.put("third", b"[3]", 60)
    assert await store.get("third") == b"[3]"
    await store.close()


async def test_klines_are_fetched_once_for_two_processes(migrated_sqlite_url: str, redis_url: str) -> None:
    candles = ListedCandles()
    before = to_ms(NOW) - 100 * 3_600_000
    engine, broker = open_database(migrated_sqlite_url), MemoryBroker()
    deps = dependencies(engine, broker=broker, candles=candles, redis_url=redis_url)
    async with client_of(deps) as one, client_of(deps) as another:
        answers = [
            await client.get("/api/v1/klines", params={"symbol": "BTCUSDT", "before": str(before)})
            for client in (one, another)
        ]
    assert [answer.json()["cached"] for answer in answers] == [False, True]
    assert answers[0].json()["data"] == answers[1].json()["data"]
    assert len(answers[0].json()["data"]) == 1_000
    assert len(candles.asked) == 1
    await engine.dispose()
