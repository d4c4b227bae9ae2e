"""Redis goes and comes back; at no moment is there more to spend than the exchange allows."""

import pytest

from exchanges.rate_limit.fallback_store import RETRY_SECONDS, FallbackBucketStore
from exchanges.rate_limit.memory_store import MemoryBucketStore
from exchanges.rate_limit.token_bucket import NO_REPORT, RateLimit, TokenRate, UsageReport
from runtime.errors import Transient
from tests.support.clock import ManualClock

LIMIT = RateLimit(600, 60, 20)
BURST = TokenRate.from_limit(LIMIT).burst
QUARTER = TokenRate.from_limit(LIMIT, 4)
SPOT = "binance:spot"


class Redis:
    """Grants everything, and records its calls."""

    def __init__(self) -> None:
        self.away = False
        self.asked: list[tuple[float, UsageReport]] = []

    async def take(
        self, name: str, limit: RateLimit, weight: float, report: UsageReport = NO_REPORT
    ) -> float:
        self.asked.append((weight, report))
        if self.away:
            raise Transient("Redis: gone")
        return 0.0

    async def close(self) -> None:
        self.away = True


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def redis() -> Redis:
    return Redis()


@pytest.fixture
def buckets(redis: Redis, clock: ManualClock) -> FallbackBucketStore:
    return FallbackBucketStore(redis, MemoryBucketStore(clock, 4), clock)


async def test_fallback_store_starts_local_bucket_empty(redis: Redis, buckets: FallbackBucketStore) -> None:
    await buckets.take(SPOT, LIMIT, 2)
    redis.away = True
    assert await buckets.take(SPOT, LIMIT, 20) == 0
    assert await buckets.take(SPOT, LIMIT, 2) == pytest.approx(20 / QUARTER.rate)


async def test_fallback_store_retries_redis_after_a_pause(
    redis: Redis, buckets: FallbackBucketStore, clock: ManualClock
) -> None:
    redis.away = True
    for _ in range(5):
        await buckets.take(SPOT, LIMIT, 1)
    assert len(redis.asked) == 1
    await clock.advance(RETRY_SECONDS)
    await buckets.take(SPOT, LIMIT, 1)
    await buckets.take(SPOT, LIMIT, 1)
    assert len(redis.asked) == 2


async def test_fallback_store_charges_local_usage_to_redis(
    redis: Redis, buckets: FallbackBucketStore, clock: ManualClock
) -> None:
    redis.away = True
    await buckets.take(SPOT, LIMIT, 10)
    await buckets.take(SPOT, LIMIT, 0, UsageReport(blocked_for=60))
    redis.away = False
    await clock.advance(RETRY_SECONDS)
    await buckets.take(SPOT, LIMIT, 2, UsageReport(used=7, window_left=3))
    weight, report = redis.asked[-1]
    assert weight == 2
    assert report.debt == pytest.approx(BURST / 4 + 10 - RETRY_SECONDS * QUARTER.rate)
    assert (report.blocked_for, report.used, report.window_left) == (60 - RETRY_SECONDS, 7, 3)
    await buckets.take(SPOT, LIMIT, 2)
    assert redis.asked[-1] == (2, NO_REPORT)


async def test_fallback_store_empties_local_bucket_for_each_outage(
    redis: Redis, buckets: FallbackBucketStore, clock: ManualClock
) -> None:
    for _ in range(2):
        redis.away = True
        await clock.advance(RETRY_SECONDS)
        await buckets.take(SPOT, LIMIT, 1)
        assert await buckets.take(SPOT, LIMIT, 1) > 0
        redis.away = False
        await clock.advance(100)
        await buckets.take("binance:futures", LIMIT, 1)


async def test_fallback_store_closes_redis(redis: Redis, buckets: FallbackBucketStore) -> None:
    await buckets.close()
    assert redis.away
