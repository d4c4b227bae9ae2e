"""The exchange's time: asked for seldom, never ahead of it."""

import asyncio

import pytest

from exchanges.ccxt.exchange_clock import STALE_AFTER, ClockReading, ExchangeClock
from schemas.values import to_ms
from tests.support.clock import ManualClock


class Stamps:
    def __init__(self, *stamps: int | None) -> None:
        self.stamps = list(stamps)

    async def __call__(self) -> int | None:
        return self.stamps.pop(0)


async def test_exchange_clock_counts_seconds_between_requests() -> None:
    clock, stamps = ManualClock(), Stamps(1_000_000, 2_000_000)
    exchange = ExchangeClock(clock, stamps)
    assert await exchange.now() == 1_000_000
    await clock.advance(STALE_AFTER)
    assert await exchange.now() == 1_000_000 + 60_000
    await clock.advance(0.001)
    assert await exchange.now() == 2_000_000


async def test_exchange_clock_without_a_time_is_the_earlier_of_header_and_local() -> None:
    clock = ManualClock()
    exchange = ExchangeClock(clock, Stamps(None))
    local = to_ms(clock.now())
    assert await exchange.now() == local
    exchange.observe_date(local - 5_000)
    assert await exchange.now() == local - 5_000
    exchange.observe_date(local + 5_000)
    assert await exchange.now() == local


HOUR = 3_600_000


@pytest.mark.parametrize(
    ("exchange", "header", "local", "chosen"),
    [
        (0, None, HOUR, 0),
        (0, 900, HOUR, 0),
        (0, HOUR, 1_000, 0),
        (HOUR, 0, 1_000, 0),
        (HOUR, 1_000, 0, 0),
        (HOUR, 2 * HOUR, 3 * HOUR, HOUR),
        (None, None, 7, 7),
    ],
)
def test_clock_reading_trusts_two_against_one(
    exchange: int | None, header: int | None, local: int, chosen: int
) -> None:
    assert ClockReading(exchange, header, local).choose() == chosen


async def test_exchange_clock_serves_the_last_stamp_while_refreshing() -> None:
    clock, answer = ManualClock(), asyncio.Event()
    stamps = Stamps(1_000_000, 2_000_000)

    async def slow() -> int | None:
        stamp = await stamps()
        if stamp == 2_000_000:
            await answer.wait()
        return stamp

    exchange = ExchangeClock(clock, slow)
    await exchange.now()
    await clock.advance(STALE_AFTER + 1)
    first = asyncio.create_task(exchange.now())
    await asyncio.sleep(0)
    assert await exchange.now() == 1_000_000 + 61_000
    answer.set()
    assert await first == 2_000_000


async def test_exchange_clock_lags_by_no_more_than_its_call_took() -> None:
    clock = ManualClock()

    async def slow() -> int | None:
        await clock.sleep(1.5)
        return 1_000_000

    exchange = ExchangeClock(clock, slow)
    now = asyncio.create_task(exchange.now())
    await clock.wait_for_sleepers()
    await clock.advance(1.5)
    assert (await now, exchange.max_lag_ms) == (1_000_000, 1_500)
