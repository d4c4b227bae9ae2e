"""The exchange's time: asked for seldom, never ahead of it."""

import asyncio

from exchanges.ccxt.exchange_clock import STALE_AFTER, ExchangeClock
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


async def test_exchange_clock_is_none_without_a_time() -> None:
    assert await ExchangeClock(ManualClock(), Stamps(None)).now() is None


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
