"""Redis goes and comes back; at no moment is there more to spend than the exchange allows."""

import pytest

from exchanges.rate_limit.fallback_store import ASK_AGAIN, SharedBuckets
from exchanges.rate_limit.memory_store import LocalBuckets
from exchanges.rate_limit.token_bucket import NO_NEWS, Limit, News, Pace
from runtime.errors import Transient
from tests.support.clock import ManualClock

LIMIT = Limit(600, 60, 20)
BURST = Pace.of(LIMIT).burst
QUARTER = Pace.of(LIMIT, 4)
SPOT = "binance:spot"


class Redis:
    """Grants everything, and remembers what it was told."""

    def __init__(self) -> None:
        self.away = False
        self.asked: list[tuple[float, News]] = []

    async def take(self, name: str, limit: Limit, weight: float, news: News = NO_NEWS) -> float:
        self.asked.append((weight, news))
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
def buckets(redis: Redis, clock: ManualClock) -> SharedBuckets:
    return SharedBuckets(redis, LocalBuckets(clock, 4), clock)


async def test_without_redis_the_local_part_starts_empty(redis: Redis, buckets: SharedBuckets) -> None:
    await buckets.take(SPOT, LIMIT, 2)
    redis.away = True
    assert await buckets.take(SPOT, LIMIT, 20) == 0
    assert await buckets.take(SPOT, LIMIT, 2) == pytest.approx(20 / QUARTER.rate)


async def test_redis_is_asked_again_now_and_then(
    redis: Redis, buckets: SharedBuckets, clock: ManualClock
) -> None:
    redis.away = True
    for _ in range(5):
        await buckets.take(SPOT, LIMIT, 1)
    assert len(redis.asked) == 1
    await clock.advance(ASK_AGAIN)
    await buckets.take(SPOT, LIMIT, 1)
    await buckets.take(SPOT, LIMIT, 1)
    assert len(redis.asked) == 2


async def test_what_was_spent_alone_is_owed_when_redis_is_back(
    redis: Redis, buckets: SharedBuckets, clock: ManualClock
) -> None:
    redis.away = True
    await buckets.take(SPOT, LIMIT, 10)
    await buckets.take(SPOT, LIMIT, 0, News(closed=60))
    redis.away = False
    await clock.advance(ASK_AGAIN)
    await buckets.take(SPOT, LIMIT, 2, News(used=7, left=3))
    weight, news = redis.asked[-1]
    assert weight == 2
    assert news.debt == pytest.approx(BURST / 4 + 10 - ASK_AGAIN * QUARTER.rate)
    assert (news.closed, news.used, news.left) == (60 - ASK_AGAIN, 7, 3)
    await buckets.take(SPOT, LIMIT, 2)
    assert redis.asked[-1] == (2, NO_NEWS)


async def test_each_absence_starts_empty(redis: Redis, buckets: SharedBuckets, clock: ManualClock) -> None:
    for _ in range(2):
        redis.away = True
        await clock.advance(ASK_AGAIN)
        await buckets.take(SPOT, LIMIT, 1)
        assert await buckets.take(SPOT, LIMIT, 1) > 0
        redis.away = False
        await clock.advance(100)
        await buckets.take("binance:futures", LIMIT, 1)


async def test_closing_closes_redis(redis: Redis, buckets: SharedBuckets) -> None:
    await buckets.close()
    assert redis.away
