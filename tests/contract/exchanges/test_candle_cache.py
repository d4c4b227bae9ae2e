"""The candle cache before ccxt and the simulated exchange, whose log tells what an answer cost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from exchanges.candle_cache.source import CachedCandleSource
from exchanges.ccxt.source import CcxtCandleSource
from exchanges.ports import Series
from exchanges.rate_limit.limiter import open_limiter
from exchanges.series import to_bars
from runtime.clock import SystemClock
from schemas.market import Market
from simulator import SimulatorOptions
from tests.support.clock import ManualClock
from tests.support.simulated import NOW, Simulated, simulated

MOST = 10**8
HOUR = 3_600.0
MARKETS = [Market.of("sim", "BTCUSDT"), Market.of("sim", "BTCUSDT", "future")]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def exchange(clock: ManualClock) -> AsyncIterator[Simulated]:
    """Its time is the test's."""
    async with simulated(SimulatorOptions(now=NOW), clock) as running:
        yield running


@asynccontextmanager
async def process(exchange: Simulated, clock: ManualClock) -> AsyncIterator[CachedCandleSource]:
    """What one analyzer has: a cache that starts cold. Its budget goes by the wall, so that nothing waits for us."""
    settings = exchange.settings()
    async with CcxtCandleSource(settings, clock, open_limiter(settings, SystemClock())) as source:
        yield CachedCandleSource(source, clock, MOST)


async def asked(exchange: Simulated) -> list[int]:
    """The `limit` of each klines call since this was last asked."""
    calls = await exchange.calls("klines")
    await exchange.forget_calls()
    return [int(call["query"]["limit"]) for call in calls]


async def assert_as_a_cold_process_has_it(
    exchange: Simulated, clock: ManualClock, market: Market, found: Series
) -> None:
    await exchange.forget_calls()
    async with process(exchange, clock) as cold:
        whole = await cold.candles(market, 2_000)
    assert await asked(exchange) == [1_000, 1_000]
    for ours, theirs in zip(to_bars(found).columns(), to_bars(whole).columns(), strict=True):
        assert np.array_equal(ours, theirs)
    assert found.gaps == whole.gaps


@pytest.mark.parametrize("market", MARKETS, ids=str)
async def test_candle_cache_extends_with_one_call_of_ten_candles(
    exchange: Simulated, clock: ManualClock, market: Market
) -> None:
    async with process(exchange, clock) as source:
        await source.candles(market, 2_000)
        assert await asked(exchange) == [1_000, 1_000]
        for seconds in (6.0, HOUR, 4 * HOUR):
            await clock.advance(seconds)
            found = await source.candles(market, 2_000)
            assert await asked(exchange) == [10]
            assert len(found.closed) == 1_999
            assert found.unclosed is not None
    await assert_as_a_cold_process_has_it(exchange, clock, market, found)


async def test_candle_cache_is_right_after_a_handover(exchange: Simulated, clock: ManualClock) -> None:
    async with process(exchange, clock) as first, process(exchange, clock) as second:
        await first.candles(MARKETS[0], 2_000)
        await clock.advance(3 * HOUR)
        await asked(exchange)
        await second.candles(MARKETS[0], 2_000)
        assert await asked(exchange) == [1_000, 1_000]
        await clock.advance(2 * HOUR)
        found = await first.candles(MARKETS[0], 2_000)
        assert await asked(exchange) == [10]
    await assert_as_a_cold_process_has_it(exchange, clock, MARKETS[0], found)


async def test_candle_cache_refetches_after_hundreds_of_candles(
    exchange: Simulated, clock: ManualClock
) -> None:
    market = Market.of("sim", "ETHUSDT", timeframe="1m")
    async with process(exchange, clock) as source:
        await source.candles(market, 2_000)
        await clock.advance(3 * HOUR)
        await asked(exchange)
        found = await source.candles(market, 2_000)
        assert await asked(exchange) == [99, 1_000, 1_000]
    await assert_as_a_cold_process_has_it(exchange, clock, market, found)


@pytest.mark.parametrize("fault", ["truncated", "duplicate", "gap"])
async def test_candle_cache_refetches_after_a_faulty_answer(
    exchange: Simulated, clock: ManualClock, fault: str
) -> None:
    async with process(exchange, clock) as source:
        await source.candles(MARKETS[0], 2_000)
        await clock.advance(HOUR)
        await asked(exchange)
        await exchange.fault(fault, path="klines", count=1)
        found = await source.candles(MARKETS[0], 2_000)
        assert await asked(exchange) == [10, 1_000, 1_000]
    await assert_as_a_cold_process_has_it(exchange, clock, MARKETS[0], found)


async def test_candle_cache_returns_the_new_price_of_the_open_candle(
    exchange: Simulated, clock: ManualClock
) -> None:
    async with process(exchange, clock) as source:
        await source.candles(MARKETS[0], 2_000)
        await exchange.push("BTCUSDT", 70_000.5)
        await asked(exchange)
        assert (await source.candles(MARKETS[0], 2_000)).last_price == 70_000.5
        assert await asked(exchange) == [10]
