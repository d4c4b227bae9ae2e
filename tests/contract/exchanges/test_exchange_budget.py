"""Four processes behind one address against an exchange that bans: with Redis and without, never past its limit."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
import redis.asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from exchanges.ccxt.source import CcxtCandleSource
from exchanges.ports import BudgetExceeded
from exchanges.rate_limit.fallback_store import FallbackBucketStore
from exchanges.rate_limit.limiter import RateLimiter, TokenBucketLimiter, open_limiter
from exchanges.rate_limit.memory_store import MemoryBucketStore
from exchanges.rate_limit.redis_store import RedisBucketStore
from exchanges.rate_limit.token_bucket import SHARE, BucketState, RateLimit, TokenRate, UsageReport, take
from runtime.clock import Clock, SystemClock
from runtime.errors import Transient
from runtime.settings import Settings
from schemas.market import Market
from simulator import SimulatorOptions
from tests.support.clock import ManualClock
from tests.support.deadlines import within
from tests.support.refusing_redis import REFUSALS, Refusal
from tests.support.simulated import NOW, Simulated, simulated

LIMIT = 600
MINUTE = 60_000
MARKETS = [Market.of("sim", symbol) for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT")]
PROCESSES = 4

Open = Callable[[Settings, Clock], RateLimiter]


@asynccontextmanager
async def hammered(settings: Settings, clock: Clock, open_one: Open) -> AsyncIterator[None]:
    """Four sources with a budget each, as four processes have them, each asked for all markets again and again."""
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as hammering:
        tasks = []
        for _ in range(PROCESSES):
            budget = open_one(settings, clock)
            stack.push_async_callback(budget.close)
            source = await stack.enter_async_context(CcxtCandleSource(settings, clock, budget))
            tasks += [hammering.create_task(_hammer(source, market, clock)) for market in MARKETS]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _hammer(source: CcxtCandleSource, market: Market, clock: Clock) -> None:
    while True:
        try:
            await source.candles(market, 5)
        except Transient:
            # Deaf to what the exchange asks for, unlike an analyzer: the budget alone must keep us out of trouble.
            await clock.sleep(0.1)


async def minutes_pass(clock: ManualClock, minutes: int) -> None:
    """A second at a time, whenever all processes have come to wait."""
    for _ in range(60 * minutes):
        await within(clock.wait_for_sleepers(PROCESSES))
        await clock.advance(1.0)


async def spent(exchange: Simulated) -> Counter[int]:
    """Weight of spot calls by minute."""
    weights: Counter[int] = Counter()
    for call in await exchange.calls("/api/v3"):
        weights[call["time_ms"] // MINUTE] += call["weight"]
    return weights


async def statuses(exchange: Simulated) -> set[int | None]:
    return {call["status"] for call in await exchange.calls()} - {None}


class TestWithoutRedis:
    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock()

    @pytest.fixture
    async def exchange(self, clock: ManualClock) -> AsyncIterator[Simulated]:
        async with simulated(SimulatorOptions(now=NOW, weight_limit=LIMIT), clock) as running:
            yield running

    async def test_limiter_parts_stay_within_the_limit_and_use_most_of_it(
        self, exchange: Simulated, clock: ManualClock
    ) -> None:
        shared = exchange.settings().model_copy(update={"replicas": PROCESSES})
        async with hammered(shared, clock, open_limiter):
            await minutes_pass(clock, 3)
        assert await statuses(exchange) == {200}
        by_minute = await spent(exchange)
        assert max(by_minute.values()) <= SHARE * LIMIT
        assert max(by_minute.values()) >= LIMIT / 2

    async def test_limiter_accounts_for_other_clients_of_the_address(
        self, exchange: Simulated, clock: ManualClock
    ) -> None:
        shared = exchange.settings().model_copy(update={"replicas": PROCESSES})
        async with hammered(shared, clock, open_limiter):
            for _ in range(3):
                for _ in range(LIMIT // 2 // 20):
                    await exchange.get("/api/v3/exchangeInfo", symbol="BTCUSDT")
                await minutes_pass(clock, 1)
        assert await statuses(exchange) == {200}

    async def test_limiter_that_ignores_reports_is_banned(
        self, exchange: Simulated, clock: ManualClock
    ) -> None:
        """Show that these tests can fail: four processes that each use the whole limit and ignore reports."""

        class Deaf(TokenBucketLimiter):
            def report_usage(self, name: str, report: UsageReport) -> None:
                pass

            async def block_for(self, name: str, limit: RateLimit, seconds: float) -> None:
                pass

        def deaf(settings: Settings, clock: Clock) -> RateLimiter:
            return Deaf(MemoryBucketStore(clock, sharers=1), clock, settings.exchange_patience)

        async with hammered(exchange.settings(), clock, deaf):
            await minutes_pass(clock, 1)
        assert await statuses(exchange) == {200, 429, 418}

    async def test_limiter_works_without_a_reachable_redis(self) -> None:
        nowhere = {"redis_url": SecretStr("redis://127.0.0.1:1/0")}
        async with (
            simulated() as exchange,
            CcxtCandleSource(exchange.settings().model_copy(update=nowhere)) as source,
        ):
            assert len((await within(source.candles(MARKETS[0], 5))).closed) == 4


class TestWithRedis:
    """In real time, which is Redis's: so for seconds, and the pace is what is looked at."""

    LIMIT = 3_000
    SECONDS = 6.0

    @pytest.fixture
    async def exchange(self) -> AsyncIterator[Simulated]:
        async with simulated(SimulatorOptions(now=NOW - NOW % MINUTE, weight_limit=self.LIMIT)) as running:
            yield running

    @pytest.fixture
    def together(self, exchange: Simulated, redis_url: str) -> Settings:
        return exchange.settings().model_copy(
            update={"redis_url": SecretStr(redis_url), "replicas": PROCESSES}
        )

    async def test_limiter_processes_share_one_rate(self, exchange: Simulated, together: Settings) -> None:
        clock = SystemClock()
        began = clock.monotonic()
        async with hammered(together, clock, open_limiter):
            await clock.sleep(self.SECONDS)
        seconds = clock.monotonic() - began
        token_rate = TokenRate.from_limit(RateLimit(self.LIMIT, 60, 80))
        total = sum((await spent(exchange)).values())
        assert await statuses(exchange) == {200}
        assert 0.5 * token_rate.rate * self.SECONDS < total <= token_rate.rate * seconds + 80

    async def test_limiter_shares_retry_after_between_processes(
        self, exchange: Simulated, together: Settings
    ) -> None:
        async with CcxtCandleSource(together) as one, CcxtCandleSource(together) as other:
            await one.candles(MARKETS[0], 5)
            await other.candles(MARKETS[0], 5)
            await exchange.fault("429", path="klines", count=1, seconds=70)
            with pytest.raises(Transient, match="429"):
                await one.candles(MARKETS[0], 5)
            await exchange.forget_calls()
            with pytest.raises(BudgetExceeded) as refused:
                await other.candles(MARKETS[1], 5)
        assert 60 < (refused.value.retry_after or 0) <= 70
        assert await exchange.calls() == []

    @pytest.mark.parametrize("refusal", REFUSALS)
    async def test_limiter_keeps_a_process_to_its_share_while_redis_refuses_writes(
        self, together: Settings, redis_url: str, refusal: Refusal
    ) -> None:
        clock = ManualClock()
        limit = RateLimit(LIMIT, 60.0, 1.0)
        store = FallbackBucketStore(
            RedisBucketStore.at(redis_url), MemoryBucketStore(clock, PROCESSES), clock
        )
        alone = MemoryBucketStore(clock, PROCESSES)
        async with redis.asyncio.Redis.from_url(redis_url) as client, refusal(client):
            waits = [await within(store.take("sim:rest", limit, 1.0)) for _ in range(LIMIT)]
        await store.close()
        assert waits == [await alone.take("sim:rest", limit, 1.0) for _ in range(LIMIT)]

    @pytest.mark.own_redis
    async def test_limiter_works_while_redis_hangs(self, together: Settings, redis_url: str) -> None:
        async with redis.asyncio.Redis.from_url(redis_url) as client, CcxtCandleSource(together) as source:
            await source.candles(MARKETS[0], 5)
            await client.client_pause(5_000)
            assert len((await within(source.candles(MARKETS[1], 5), 4.9)).closed) == 4


seconds = st.one_of(st.just(0.0), st.floats(0.001, 0.02), st.floats(1, 100))
weights = st.floats(0, 700)
reports = st.builds(
    UsageReport,
    debt=st.sampled_from([0.0, 0.0, 30.0]),
    blocked_for=seconds,
    used=weights,
    window_left=seconds,
)
rate_limits = st.builds(
    RateLimit,
    st.sampled_from([300.0, 600.0, 60_000.0]),
    st.just(60.0),
    st.just(20.0),
    from_exchange=st.booleans(),
)
questions = st.lists(st.tuples(rate_limits, st.floats(0, 50), reports), min_size=1, max_size=12)


class TestScript:
    # Each example empties Redis itself.
    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(questions=questions)
    def test_redis_script_decides_as_the_python_function(
        self, redis_url: str, questions: Sequence[tuple[RateLimit, float, UsageReport]]
    ) -> None:
        asyncio.run(_compared(redis_url, questions))


async def _compared(url: str, questions: Sequence[tuple[RateLimit, float, UsageReport]]) -> None:
    async with redis.asyncio.Redis.from_url(url, decode_responses=True) as client:
        await client.flushdb()
        buckets, bucket = RedisBucketStore(client), None
        for limit, weight, reported in questions:
            wait = await buckets.take("x", limit, weight, reported)
            kept = await client.hgetall("strandline:budget:x")
            now = float(kept["at"])
            bucket, expected = take(
                bucket or BucketState(at=now), TokenRate.from_limit(limit), weight, now, reported
            )
            assert wait == pytest.approx(expected, abs=1e-6)
            assert _state(kept) == pytest.approx(_expected(bucket), abs=1e-6)
            assert await client.pttl("strandline:budget:x") > 1_000 * wait


def _state(kept: dict[str, Any]) -> list[float]:
    return [float(kept[name]) for name in ("tokens", "blocked_until", "used", "used_until")]


def _expected(bucket: BucketState) -> list[float]:
    return [bucket.tokens, bucket.blocked_until, bucket.used, bucket.used_until]
