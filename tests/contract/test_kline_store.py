"""Candles for charts in Redis: shared by processes, with an end, and no worse than none while it is away."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from api.kline_store import RedisKlines
from runtime.patient_redis import PatientRedis
from tests.support.clock import ManualClock
from tests.support.containers import free_port
from tests.support.deadlines import within


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[RedisKlines]:
    opened = RedisKlines(PatientRedis.at(redis_url, ManualClock()))
    try:
        yield opened
    finally:
        await opened.close()


async def test_what_one_process_keeps_another_finds(store: RedisKlines, redis_url: str) -> None:
    await store.put("binance:spot:BTCUSDT:1h:10:None:None", b"[]", 60)
    another = RedisKlines(PatientRedis.at(redis_url, ManualClock()))
    assert await another.get("binance:spot:BTCUSDT:1h:10:None:None") == b"[]"
    assert await another.get("bybit:spot:BTCUSDT:1h:10:None:None") is None
    await another.close()


async def test_it_has_an_end(store: RedisKlines, redis_url: str) -> None:
    await store.put("a", b"[]", 1.5)
    async with Redis.from_url(redis_url) as client:
        assert 0 < await client.pttl("strandline:klines:a") <= 1_500


async def test_without_redis_there_is_none() -> None:
    store = RedisKlines(PatientRedis.at(f"redis://127.0.0.1:{free_port()}", ManualClock()))
    await within(store.put("a", b"[]", 60))
    assert await within(store.get("a")) is None
    await store.close()
