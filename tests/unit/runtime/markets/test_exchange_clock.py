"""The exchange's time: asked for seldom, never ahead of it."""

from runtime.markets.exchange_clock import STALE_AFTER, ExchangeClock
from tests.support.clock import ManualClock


class Stamps:
    def __init__(self, *stamps: int | None) -> None:
        self.stamps = list(stamps)

    async def __call__(self) -> int | None:
        return self.stamps.pop(0)


async def test_between_two_questions_it_counts_seconds() -> None:
    clock, stamps = ManualClock(), Stamps(1_000_000, 2_000_000)
    exchange = ExchangeClock(clock, stamps)
    assert await exchange.now() == 1_000_000
    await clock.advance(STALE_AFTER)
    assert await exchange.now() == 1_000_000 + 60_000
    await clock.advance(0.001)
    assert await exchange.now() == 2_000_000


async def test_some_exchanges_do_not_tell() -> None:
    assert await ExchangeClock(ManualClock(), Stamps(None)).now() is None
