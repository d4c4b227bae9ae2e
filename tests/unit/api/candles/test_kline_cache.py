"""The cache of candles for charts: durations, keys and shared fetches."""

import asyncio

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from api.candles.fetching import Span
from api.candles.kline_cache import CLOSED_SECONDS, OPEN_SECONDS, KlineCache, cache_seconds
from api.candles.kline_store import MemoryKlineStore
from broker.memory.broker import MemoryBroker
from exchanges.ports import Series
from runtime.errors import Transient
from schemas.http.candles import Kline
from schemas.market import Market
from schemas.values import to_ms
from tests.support.deadlines import within
from tests.unit.api.fakes import NOW, JumpingClock, ListedCandles, client_of, dependencies

HOUR = 3_600_000
NOW_MS = to_ms(NOW)
OPEN_NOW = NOW_MS // HOUR * HOUR
BTC = Market.of("binance", "BTCUSDT")


def make_kline(timestamp: int, *, closed: bool = True) -> Kline:
    return Kline(timestamp=timestamp, open=1, high=1, low=1, close=1, volume=1, is_closed=closed)


class GatedCandles(ListedCandles):
    """Answers once `gate` is set."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__(error=error)
        self.gate = asyncio.Event()

    async def candles(self, market: Market, limit: int) -> Series:
        await self.gate.wait()
        return await super().candles(market, limit)


class TestCacheSeconds:
    def test_cache_seconds_are_long_for_a_closed_page(self) -> None:
        span = Span(2, before=OPEN_NOW - HOUR)
        assert cache_seconds([make_kline(OPEN_NOW - 2 * HOUR)], span, "1h", NOW_MS) == CLOSED_SECONDS
        since = Span(2, since=OPEN_NOW - 9 * HOUR)
        assert cache_seconds([make_kline(OPEN_NOW - 9 * HOUR)], since, "1h", NOW_MS) == CLOSED_SECONDS

    def test_cache_seconds_are_short_for_the_newest_candles(self) -> None:
        newest = [make_kline(OPEN_NOW - HOUR), make_kline(OPEN_NOW, closed=False)]
        assert cache_seconds(newest, Span(2), "1h", NOW_MS) == OPEN_SECONDS
        assert cache_seconds(newest[:1], Span(2), "1h", NOW_MS) == OPEN_SECONDS
        assert cache_seconds(newest, Span(2, before=NOW_MS), "1h", NOW_MS) == OPEN_SECONDS
        assert cache_seconds([], Span(2, before=HOUR), "1h", NOW_MS) == OPEN_SECONDS

    def test_cache_seconds_end_with_the_open_candle(self) -> None:
        newest = [make_kline(OPEN_NOW, closed=False)]
        assert cache_seconds(newest, Span(2), "1h", OPEN_NOW + HOUR - 500) == 0.5
        assert cache_seconds(newest, Span(2), "1h", OPEN_NOW + HOUR) == 0

    def test_cache_seconds_are_short_for_a_page_that_has_just_ended(self) -> None:
        span = Span(2, before=OPEN_NOW)
        assert cache_seconds([make_kline(OPEN_NOW - HOUR)], span, "1h", OPEN_NOW + 1) == OPEN_SECONDS


async def is_cached(client: AsyncClient, **query: object) -> bool:
    """Return whether the answer comes from the cache."""
    answer = await client.get("/api/v1/klines", params={"symbol": "BTCUSDT"} | query)
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]
    return bool(answer.json()["cached"])


async def test_klines_are_fetched_again_after_two_seconds(engine: AsyncEngine, broker: MemoryBroker) -> None:
    candles, clock = ListedCandles(), JumpingClock()
    async with client_of(dependencies(engine, broker=broker, candles=candles, clock=clock)) as client:
        assert [await is_cached(client) for _ in range(3)] == [False, True, True]
        clock.passed += OPEN_SECONDS
        assert not await is_cached(client)
    assert len(candles.asked) == 2


async def test_klines_are_cached_by_every_parameter(engine: AsyncEngine, broker: MemoryBroker) -> None:
    settings = {"exchanges": ("binance", "bybit")}
    async with client_of(dependencies(engine, broker=broker, **settings)) as client:
        for query in (
            {},
            {"exchange": "bybit"},
            {"market_type": "future"},
            {"interval": "15m"},
            {"limit": 10},
            {"before": OPEN_NOW},
            {"since": OPEN_NOW - HOUR},
        ):
            assert not await is_cached(client, **query)
            assert await is_cached(client, **query)


async def test_kline_cache_shares_a_fetch_between_concurrent_calls() -> None:
    candles = GatedCandles()
    cache = KlineCache(candles, MemoryKlineStore(JumpingClock()), JumpingClock())
    calls = [asyncio.create_task(cache.get_klines(BTC, Span(3))) for _ in range(20)]
    await asyncio.sleep(0)  # each of them has called
    candles.gate.set()
    answers = await within(asyncio.gather(*calls))
    assert {(len(found), cached) for found, cached in answers} == {(3, False)}
    assert len(candles.asked) == 1
    await cache.close()


async def test_kline_cache_fetch_survives_a_cancelled_caller() -> None:
    candles = GatedCandles()
    cache = KlineCache(candles, MemoryKlineStore(JumpingClock()), JumpingClock())
    leaving, staying = (asyncio.create_task(cache.get_klines(BTC, Span(3))) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    candles.gate.set()
    found, cached = await within(staying)
    assert (len(found), cached) == (3, False)
    await cache.close()


async def test_kline_cache_raises_errors_to_every_caller_and_does_not_keep_them() -> None:
    candles = GatedCandles(error=Transient("away"))
    cache = KlineCache(candles, MemoryKlineStore(JumpingClock()), JumpingClock())
    candles.gate.set()
    for _ in range(2):
        both = await asyncio.gather(
            *(cache.get_klines(BTC, Span(3)) for _ in range(2)), return_exceptions=True
        )
        assert [str(error) for error in both] == ["away", "away"]
    assert len(candles.asked) == 2
    await cache.close()


async def test_memory_store_drops_the_least_recently_used() -> None:
    store = MemoryKlineStore(JumpingClock(), max_bytes=10)
    await store.put("a", b"1234", 60)
    await store.put("b", b"1234", 60)
    assert await store.get("a") == b"1234"
    await store.put("c", b"1234", 60)
    assert [await store.get(key) for key in "abc"] == [b"1234", None, b"1234"]


@pytest.mark.parametrize("seconds", [0.5, 60.0])
async def test_memory_store_values_expire(seconds: float) -> None:
    clock = JumpingClock()
    store = MemoryKlineStore(clock)
    await store.put("a", b"1", seconds)
    assert await store.get("a") == b"1"
    clock.passed += seconds
    assert await store.get("a") is None
