"""Waiting for the budget: in order, within a bound, separately for each limit."""

import asyncio

import pytest

from exchanges.ports import BudgetExceeded
from exchanges.rate_limit.limiter import TokenBucketLimiter, open_limiter
from exchanges.rate_limit.memory_store import MemoryBucketStore
from exchanges.rate_limit.token_bucket import RateLimit, TokenRate, UsageReport
from runtime.errors import ConfigurationError
from runtime.settings import Settings
from tests.support.clock import ManualClock
from tests.support.deadlines import within

LIMIT = RateLimit(600, 60, 20)
RATE = TokenRate.from_limit(LIMIT).rate


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def budget(clock: ManualClock) -> TokenBucketLimiter:
    return TokenBucketLimiter(MemoryBucketStore(clock, sharers=1), clock, patience=30)


def spending(budget: TokenBucketLimiter, weight: float, name: str = "binance:spot") -> asyncio.Task[None]:
    return asyncio.create_task(budget.acquire(name, LIMIT, weight))


async def test_limiter_admits_calls_in_order_of_arrival(
    budget: TokenBucketLimiter, clock: ManualClock
) -> None:
    await budget.acquire("binance:spot", LIMIT, 20)
    heavy, light = spending(budget, 20), spending(budget, 1)
    await within(clock.wait_for_sleepers())
    await clock.advance(20 / RATE)
    assert heavy.done()
    assert not light.done()
    await clock.advance(20 / RATE + 0.001)
    assert light.done()


async def test_limiter_does_not_delay_other_limits(budget: TokenBucketLimiter, clock: ManualClock) -> None:
    await budget.acquire("binance:spot", LIMIT, 20)
    waiting = spending(budget, 1)
    await within(clock.wait_for_sleepers())
    await within(budget.acquire("binance:futures", LIMIT, 1))
    await within(budget.acquire("bybit", LIMIT, 1))
    assert not waiting.done()
    waiting.cancel()


async def test_limiter_takes_nothing_for_a_cancelled_call(
    budget: TokenBucketLimiter, clock: ManualClock
) -> None:
    await budget.acquire("binance:spot", LIMIT, 20)
    first, second = spending(budget, 100), spending(budget, 1)
    await within(clock.wait_for_sleepers())
    first.cancel()
    await clock.advance(0)
    await within(clock.wait_for_sleepers())
    await clock.advance(20 / RATE)
    assert first.cancelled()
    assert second.done()


async def test_limiter_refuses_a_long_wait_at_once(budget: TokenBucketLimiter) -> None:
    await budget.block_for("binance:spot", LIMIT, 31)
    with pytest.raises(BudgetExceeded) as refused:
        await within(budget.acquire("binance:spot", LIMIT, 1))
    assert refused.value.retry_after == 31


async def test_limiter_counts_queueing_towards_patience(
    budget: TokenBucketLimiter, clock: ManualClock
) -> None:
    await budget.acquire("binance:spot", LIMIT, 25 * RATE)
    first, second = spending(budget, 25 * RATE), spending(budget, 1)
    await within(clock.wait_for_sleepers())
    await clock.advance(25.01)
    assert first.done()
    with pytest.raises(BudgetExceeded) as refused:
        await within(second)
    assert refused.value.retry_after == pytest.approx(25, abs=0.1)


async def test_limiter_applies_reported_usage_to_the_next_call(
    budget: TokenBucketLimiter, clock: ManualClock
) -> None:
    await budget.acquire("binance:spot", LIMIT, 0)
    budget.report_usage("binance:spot", UsageReport(used=540, window_left=12))
    await clock.advance(2)
    waiting = spending(budget, 1)
    await within(clock.wait_for_sleepers())
    await clock.advance(9.5)
    assert not waiting.done()
    await clock.advance(0.5)
    assert waiting.done()


async def test_limiter_gives_each_sharer_its_part(clock: ManualClock) -> None:
    quarters = [
        TokenBucketLimiter(MemoryBucketStore(clock, sharers=4), clock, patience=1e6) for _ in range(4)
    ]
    spent = 0

    async def hammer(budget: TokenBucketLimiter) -> None:
        nonlocal spent
        while True:
            await budget.acquire("binance:spot", LIMIT, 2)
            spent += 2

    hammering = [asyncio.create_task(hammer(budget)) for budget in quarters]
    try:
        for _ in range(600):
            await clock.advance(0.1)
        assert 0.6 * LIMIT.weight < spent <= 0.9 * LIMIT.weight
    finally:
        for task in hammering:
            task.cancel()
        await asyncio.gather(*hammering, return_exceptions=True)


def test_limiter_refuses_an_invalid_redis_url(clock: ManualClock) -> None:
    with pytest.raises(ConfigurationError, match="STRANDLINE_REDIS_URL"):
        open_limiter(Settings.load(redis_url="localhost:6379"), clock)
