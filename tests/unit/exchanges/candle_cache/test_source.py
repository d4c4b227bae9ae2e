"""The candle cache always equals a full fetch, at a small cost."""

import asyncio
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchanges.bars import Bars
from exchanges.candle_cache.source import MAX_AGE, CachedCandleSource
from exchanges.ports import MIN_NEW_CANDLES, Series, Tradable
from exchanges.series import to_bars, to_series
from runtime.errors import Transient
from schemas.market import Market
from tests.support.clock import ManualClock
from tests.unit.exchanges.history import HOUR, START, hours

BTC = Market.of("sim", "BTCUSDT")
ETH = Market.of("sim", "ETHUSDT")


class Exchange:
    """Bars by hour, the newest of them open."""

    def __init__(self, length: int) -> None:
        self.closes: dict[int, float] = {hour: 100.0 + hour / 1e3 for hour in range(length + 1)}
        self.hour = length
        self.calls: list[int] = []
        self.trouble: Exception | None = None
        self.lost: Callable[[Bars], Bars] = lambda bars: bars

    def now_series(self, count: int) -> Series:
        shown = sorted(hour for hour in self.closes if hour <= self.hour)[-count:]
        bars = hours(*shown)
        close = np.array([self.closes[hour] for hour in shown])
        bars = Bars(bars.time, close, close, close, close, bars.volume)
        return to_series(self.lost(bars), "1h", START + self.hour * HOUR + HOUR // 2)

    async def candles(self, market: Market, limit: int) -> Series:
        self.calls.append(limit)
        if self.trouble:
            raise self.trouble
        return self.now_series(limit)

    async def candles_since(self, market: Market, since_ms: int) -> Series:
        passed = (START + self.hour * HOUR - since_ms) // HOUR
        return await self.candles(market, min(max(MIN_NEW_CANDLES, passed + 2), 99))

    async def candles_before(self, market: Market, before_ms: int, limit: int) -> Series:
        return to_series(Bars.empty(), "1h", None)

    async def tradables(self, exchange: str) -> Sequence[Tradable]:
        return [Tradable(exchange, "spot", "BTCUSDT")]

    async def close(self) -> None:
        self.trouble = Transient("closed")

    # What happens to exchanges. Hours are counted back from the present one.

    def passes(self, count: int) -> None:
        for _ in range(count):
            self.hour += 1
            self.closes[self.hour] = 100.0 + self.hour / 1e3

    def trades(self) -> None:
        self.closes[self.hour] = self.closes.get(self.hour, 100.0) + 0.5

    def revises(self, back: int) -> None:
        if self.hour - back in self.closes:
            self.closes[self.hour - back] += 0.25

    def loses(self, back: int) -> None:
        if len(self.closes) > 1:
            self.closes.pop(self.hour - back, None)

    def finds(self, back: int) -> None:
        self.closes.setdefault(self.hour - back, 99.0)

    def goes_back(self, count: int) -> None:
        self.hour = max(0, self.hour - count)
        self.closes = {hour: close for hour, close in self.closes.items() if hour <= self.hour} or {0: 100.0}


def cached(exchange: Exchange, clock: ManualClock | None = None, most: int = 10**9) -> CachedCandleSource:
    return CachedCandleSource(exchange, clock or ManualClock(), most)


def assert_same(one: Series, other: Series) -> None:
    for ours, theirs in zip(to_bars(one).columns(), to_bars(other).columns(), strict=True):
        assert np.array_equal(ours, theirs)
    assert (one.unclosed, one.gaps) == (other.unclosed, other.gaps)


recent = st.integers(0, 5)
happenings = st.one_of(
    st.tuples(st.just(Exchange.passes), st.one_of(st.integers(1, 6), st.integers(7, 130))),
    st.tuples(st.just(Exchange.revises), recent),
    st.tuples(st.just(Exchange.loses), recent),
    st.tuples(st.just(Exchange.finds), recent),
    st.tuples(st.just(Exchange.goes_back), st.integers(1, 12)),
    st.tuples(st.just(lambda exchange, _: exchange.trades()), st.just(0)),
)
limits = st.sampled_from([1, 2, 5, 11, 30, 60, 200])


@settings(max_examples=300, deadline=None)
@given(length=st.integers(1, 80), steps=st.lists(st.tuples(happenings, limits), max_size=12))
def test_candle_cache_equals_a_full_fetch(
    length: int, steps: list[tuple[tuple[Callable[[Exchange, int], None], int], int]]
) -> None:
    async def lived() -> None:
        exchange = Exchange(length)
        source = cached(exchange)
        for (happens, amount), limit in steps:
            happens(exchange, amount)
            assert_same(await source.candles(BTC, limit), exchange.now_series(limit))

    asyncio.run(lived())


class TestCost:
    async def test_candle_cache_extends_with_one_call_of_ten_candles(self) -> None:
        exchange = Exchange(3_000)
        source = cached(exchange)
        await source.candles(BTC, 2_000)
        for hours_passed in (0, 0, 1, 3, 7):
            exchange.passes(hours_passed)
            series = await source.candles(BTC, 2_000)
            assert len(series.closed) == 1_999
        assert exchange.calls == [2_000] + [10] * 5

    async def test_candle_cache_refetches_after_a_long_absence(self) -> None:
        exchange = Exchange(3_000)
        source = cached(exchange)
        await source.candles(BTC, 2_000)
        exchange.passes(60)
        await source.candles(BTC, 2_000)
        exchange.passes(500)
        await source.candles(BTC, 2_000)
        assert exchange.calls == [2_000, 63, 99, 2_000]

    async def test_candle_cache_fetches_only_larger_limits(self) -> None:
        exchange = Exchange(6_000)
        source = cached(exchange)
        for limit in (2_000, 5_000, 2_000, 5_000):
            series = await source.candles(BTC, limit)
            assert len(series.closed) == limit - 1
        assert exchange.calls == [2_000, 5_000, 10, 10]

    async def test_candle_cache_confirms_a_gap_by_a_second_fetch(self) -> None:
        exchange = Exchange(100)
        exchange.loses(50)
        source = cached(exchange)
        for _ in range(3):
            assert len((await source.candles(BTC, 80)).gaps) == 1
        assert exchange.calls == [80, 80, 10]
        exchange.loses(1)
        for _ in range(3):
            assert len((await source.candles(BTC, 80)).gaps) == 2
        assert exchange.calls[3:] == [10, 80, 80, 10]

    async def test_candle_cache_drops_an_unconfirmed_gap(self) -> None:
        exchange = Exchange(100)
        exchange.lost = lambda bars: bars[np.delete(np.arange(len(bars)), slice(20, 25))]
        source = cached(exchange)
        assert (await source.candles(BTC, 80)).gaps
        exchange.lost = lambda bars: bars
        assert_same(await source.candles(BTC, 80), exchange.now_series(80))


async def test_candle_cache_refetches_after_max_age() -> None:
    exchange, clock = Exchange(300), ManualClock()
    source = cached(exchange, clock)
    await source.candles(BTC, 200)
    exchange.revises(100)
    await clock.advance(MAX_AGE)
    assert_same(await source.candles(BTC, 200), exchange.now_series(200))
    assert exchange.calls == [200, 200]


async def test_candle_cache_evicts_the_least_recently_used() -> None:
    exchange = Exchange(3_000)
    source = cached(exchange, most=2 * (2_000 * 48 + 2_048))
    for market in (BTC, ETH, BTC, Market.of("sim", "SOLUSDT"), BTC, ETH):
        await source.candles(market, 2_000)
    assert exchange.calls == [2_000, 2_000, 10, 2_000, 10, 2_000]


async def test_candle_cache_of_zero_bytes_stores_nothing() -> None:
    exchange = Exchange(300)
    source = cached(exchange, most=0)
    for _ in range(2):
        await source.candles(BTC, 200)
    assert exchange.calls == [200, 200]


async def test_candle_cache_keeps_entries_on_errors() -> None:
    exchange = Exchange(300)
    source = cached(exchange)
    await source.candles(BTC, 200)
    exchange.trouble = Transient("away")
    with pytest.raises(Transient):
        await source.candles(BTC, 200)
    exchange.trouble = None
    await source.candles(BTC, 200)
    assert exchange.calls == [200, 10, 10]


async def test_candle_cache_delegates_other_calls() -> None:
    exchange = Exchange(30)
    source = cached(exchange)
    assert len((await source.candles_since(BTC, START)).closed) == 30
    assert len((await source.candles_before(BTC, START, 5)).closed) == 0
    assert [of.symbol for of in await source.tradables("sim")] == ["BTCUSDT"]
    await source.close()
    assert exchange.trouble is not None
