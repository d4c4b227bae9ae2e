"""Series in a real Redis: what one process wrote, another one joins candles to, without a call to the exchange."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from exchanges.candle_cache.changes import MAX_AGE
from exchanges.candle_cache.entry import CachedSeries
from exchanges.candle_cache.live import to_list
from exchanges.candle_cache.shared_series import SharedSeries, open_shared_series
from exchanges.candle_cache.source import CachedCandleSource
from exchanges.ports import Candle, Gap, Series
from levels import Candles
from runtime.settings import Settings
from schemas.market import Market
from tests.support.clock import ManualClock
from tests.support.containers import find_free_port
from tests.support.deadlines import within
from tests.support.markets import HOUR, ScriptedSource, series
from tests.support.refusing_redis import REFUSALS, Refusal

BTC = Market.of("binance", "BTCUSDT", "spot", "1h")
KEY = "strandline:series:{binance:spot:BTCUSDT:1h}"
KNOWN = series(last_price=100.5)


class Process:
    """A cache on shared series, with an exchange of its own."""

    def __init__(self, redis_url: str, *answers: Series, **more: object) -> None:
        self.clock = ManualClock()
        self.exchange = ScriptedSource(*answers)
        shared = open_shared_series(
            Settings.load(redis_url=redis_url, exchanges=("binance",), **more), self.clock
        )
        assert shared is not None
        self.shared: SharedSeries = shared
        self.cache = CachedCandleSource(self.exchange, self.clock, 10_000_000, shared=shared)

    def join(self, *candles: Candle) -> Series | None:
        joined = self.cache.join(BTC, candles, 2_000)
        return None if joined is None else joined.series

    async def load(self) -> Series | None:
        entry = await within(self.shared.load(BTC))
        return None if entry is None else entry.series


@asynccontextmanager
async def processes(redis_url: str, *answers: Series, **more: object) -> AsyncIterator[list[Process]]:
    """Open two, of which the first has fetched and written the market."""
    opened = [Process(redis_url, *answers or (KNOWN,), **more) for _ in range(2)]
    try:
        await opened[0].cache.candles(BTC, 2_000)
        await within(opened[0].shared.flush())
        yield opened
    finally:
        for process in opened:
            await process.shared.close()


def following(number: int = 1, price: float = 101.0) -> Candle:
    return Candle(int(KNOWN.closed.time[-1]) + number * HOUR, 100.0, 102.0, 99.0, price, 10.0)


async def test_process_that_takes_over_joins_candles_without_a_call(redis_url: str) -> None:
    async with processes(redis_url) as (first, second):
        first.join(following())
        first.join(following(2))
        await within(first.shared.flush())
        first.join(following(2, price=99.5))
        await within(first.shared.flush())
        expected = first.join(following(3))
        assert await second.cache.load_shared(BTC)
        found = second.join(following(3))
    assert found is not None
    assert expected is not None
    assert to_list(found.closed) == to_list(expected.closed)
    assert second.exchange.calls == []


async def test_process_that_takes_over_again_has_what_was_added_between(redis_url: str) -> None:
    async with processes(redis_url) as (first, second):
        await second.cache.load_shared(BTC)
        for number in (1, 2):
            second.join(following(number))
        await within(second.shared.flush())
        assert first.join(following(3)) is None
        await first.clock.advance(61)  # past its own first lookup, which found nothing
        assert await first.cache.load_shared(BTC)
        assert first.join(following(3)) is not None
    assert len(first.exchange.calls) == 1


async def test_series_without_a_closed_candle_is_written_as_others(redis_url: str) -> None:
    new = Series(Candles([], [], [], [], [], []), None, ())
    async with processes(redis_url, new) as (_, second):
        found = await second.load()
    assert found is not None
    assert len(found.closed) == 0


async def test_request_after_a_takeover_takes_one_light_call(redis_url: str) -> None:
    async with processes(redis_url) as (_, second):
        found = await second.cache.candles(BTC, 2_000)
    assert to_list(found.closed) == to_list(KNOWN.closed)
    assert second.exchange.calls == [(BTC.key, 0)]


async def test_gaps_and_ages_are_shared_and_unconfirmed_series_are_not(redis_url: str) -> None:
    whole = KNOWN.closed
    time = whole.time.copy()
    time[200:] += HOUR
    holed = Candles(time, whole.open, whole.high, whole.low, whole.close, whole.volume)
    gap = Gap(int(time[199]) + HOUR, 1)
    async with processes(redis_url, Series(holed, None, (gap,), ("1 repaired",))) as (first, second):
        assert await second.load() is None
        await first.cache.candles(BTC, 2_000)
        await within(first.shared.flush())
        await second.clock.advance(60)
        entry = await within(second.shared.load(BTC))
    assert entry is not None
    assert (entry.series.gaps, entry.series.notes, entry.limit) == ((gap,), ("1 repaired",), 2_000)
    assert second.clock.monotonic() - entry.fetched_at == pytest.approx(60)


async def test_series_expire_after_three_days_without_a_candle(redis_url: str) -> None:
    async with processes(redis_url) as (first, _), Redis.from_url(redis_url) as client:
        await client.expire(KEY, 100)
        first.join(following())
        await within(first.shared.flush())
        for key in (KEY, f"{KEY}:newer"):
            assert MAX_AGE - 60 < await client.ttl(key) <= MAX_AGE


async def test_series_lost_by_redis_are_written_again(redis_url: str) -> None:
    async with processes(redis_url) as (first, second), Redis.from_url(redis_url) as client:
        await client.delete(KEY)
        first.join(following())
        await within(first.shared.flush())
        assert await second.load() is None
        first.join(following(2))
        await within(first.shared.flush())
        found = await second.load()
    assert found is not None
    assert int(found.closed.time[-1]) == following(2).time


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_series_has_no_hole_after_a_redis_that_refused_writes(redis_url: str, refusal: Refusal) -> None:
    async with processes(redis_url) as (first, second), Redis.from_url(redis_url) as client:
        async with refusal(client):
            first.join(following())
            await within(first.shared.flush())
            before = await second.load()
            assert before is not None
            assert int(before.closed.time[-1]) == int(KNOWN.closed.time[-1])
        await first.clock.advance(10)
        first.join(following(2))
        await within(first.shared.flush())
        found = await second.load()
    assert found is not None
    assert to_list(found.closed[-2:]) == [following(), following(2)]


async def test_series_of_another_form_are_not_used(redis_url: str) -> None:
    async with processes(redis_url) as (_, second), Redis.from_url(redis_url) as client:
        await client.hset(f"{KEY}:newer", "no time", b"no candle")
        assert await second.load() is None
        await client.delete(f"{KEY}:newer")
        await client.hset(KEY, "candles", b"no candles")
        assert await second.load() is None


async def test_hole_that_another_program_leaves_is_not_used(redis_url: str) -> None:
    async with processes(redis_url) as (first, second), Redis.from_url(redis_url) as client:
        first.join(following())
        first.join(following(2))
        await within(first.shared.flush())
        await client.hdel(f"{KEY}:newer", str(following().time))
        assert await second.load() is None


async def test_series_that_an_older_writer_replaced_gets_no_hole(redis_url: str) -> None:
    async with processes(redis_url) as (first, second):
        first.shared.record_series(BTC.key, CachedSeries(KNOWN, 2_000, 0.0, unconfirmed=False))
        first.join(following())
        first.join(following(2))  # both are written with the series
        await within(first.shared.flush())
        second.shared.record_series(BTC.key, CachedSeries(KNOWN, 2_000, 0.0, unconfirmed=False))
        await within(second.shared.flush())
        first.join(following(3))
        await within(first.shared.flush())
        found = await second.load()
        assert found is not None
        assert int(found.closed.time[-1]) == int(KNOWN.closed.time[-1])
        first.join(following(4))
        await within(first.shared.flush())
        found = await second.load()
    assert found is not None
    assert to_list(found.closed[-4:]) == [following(number) for number in (1, 2, 3, 4)]


async def test_installations_of_one_redis_are_apart(redis_url: str) -> None:
    async with processes(redis_url, topic_prefix="blue.") as (_, blue):
        green = Process(redis_url, topic_prefix="green.")
        assert await blue.load() is not None
        assert await green.load() is None
        await green.shared.close()


async def test_cache_goes_on_without_redis() -> None:
    process = Process(f"redis://127.0.0.1:{find_free_port()}", KNOWN)
    assert not await within(process.cache.load_shared(BTC))
    await within(process.cache.candles(BTC, 2_000))
    await within(process.shared.flush())
    assert process.join(following()) is not None
    await process.shared.close()


WRITES = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(["join", "join", "revise", "flush", "load", "fetch"])),
    max_size=30,
)


@given(WRITES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_shared_series_never_has_a_hole_whatever_two_writers_do(
    redis_url: str, writes: list[tuple[int, str]]
) -> None:
    asyncio.run(write_and_compare(redis_url, writes))


async def write_and_compare(redis_url: str, writes: list[tuple[int, str]]) -> None:
    async with Redis.from_url(redis_url) as client:
        await client.flushdb()
    async with processes(redis_url) as opened:
        truth = {candle.time: {candle} for candle in to_list(KNOWN.closed)}
        newest = [0, 0]
        for number, (writer, action) in enumerate(writes):
            process = opened[writer]
            if action == "flush":
                await process.shared.flush()
            elif action == "load":
                await process.cache.load_shared(BTC)
            elif action == "fetch":
                await process.cache.candles(BTC, 2_000)
                newest[writer] = 0
            else:
                newest[writer] += action == "join"
                candle = following(newest[writer], price=99.5 + number / 100)
                if process.join(candle) is not None:
                    truth.setdefault(candle.time, set()).add(candle)
        found = await opened[0].load()
    assert found is not None
    assert set(np.diff(found.closed.time).tolist()) == {HOUR}
    assert all(candle in truth[candle.time] for candle in to_list(found.closed))
