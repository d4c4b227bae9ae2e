"""Permission to call an exchange: waits for it in order, within a bound."""

import asyncio
from collections import defaultdict
from typing import Protocol

import structlog

from exchanges.ports import BudgetExceeded
from exchanges.rate_limit.fallback_store import FallbackBucketStore
from exchanges.rate_limit.memory_store import BucketStore, MemoryBucketStore
from exchanges.rate_limit.token_bucket import NO_REPORT, RateLimit, UsageReport
from runtime.clock import Clock
from runtime.metrics import BUDGET_REFUSED, BUDGET_SPENT, BUDGET_WAIT
from runtime.settings import Settings

_log = structlog.get_logger(__name__)


class RateLimiter(Protocol):
    """The request budget shared by everything that calls exchanges from one address. `name` identifies a bucket."""

    async def acquire(self, name: str, limit: RateLimit, weight: float) -> None:
        """Return when the call may go. Raises BudgetExceeded at once when the wait would be too long."""
        ...

    def report_usage(self, name: str, report: UsageReport) -> None:
        """Record the weight that the exchange has counted; applied with the next call."""
        ...

    async def block_for(self, name: str, limit: RateLimit, seconds: float) -> None:
        """Block every call under this limit, from all processes behind this address, for `seconds`."""
        ...

    async def close(self) -> None: ...


class TokenBucketLimiter:
    """A RateLimiter over token buckets. `patience`: the seconds that a call may wait for its turn.

    Calls under one limit go in order of arrival, one of them asking the buckets at a time; other limits do not wait
    for them. A call that is cancelled while it waits has taken nothing.
    """

    def __init__(self, buckets: BucketStore, clock: Clock, patience: float) -> None:
        self._buckets = buckets
        self._clock = clock
        self._patience = patience
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._usage: dict[str, tuple[float, float]] = {}

    async def acquire(self, name: str, limit: RateLimit, weight: float) -> None:
        started = self._clock.monotonic()
        deadline = started + self._patience
        # The call that holds the lock has the earliest deadline of all that wait for it.
        async with self._locks[name]:
            while (wait := await self._buckets.take(name, limit, weight, self._pending_report(name))) > 0:
                if self._clock.monotonic() + wait > deadline:
                    BUDGET_REFUSED.labels(name).inc()
                    raise BudgetExceeded(
                        f"{name} may not be called for another {wait:.1f} s", retry_after=wait
                    )
                await self._clock.sleep(wait)
        BUDGET_SPENT.labels(name).inc(weight)
        BUDGET_WAIT.labels(name).inc(self._clock.monotonic() - started)

    def report_usage(self, name: str, report: UsageReport) -> None:
        self._usage[name] = report.used, self._clock.monotonic() + report.window_left

    async def block_for(self, name: str, limit: RateLimit, seconds: float) -> None:
        _log.warning("budget.blocked", budget=name, seconds=round(seconds, 1))
        await self._buckets.take(name, limit, 0, UsageReport(blocked_for=seconds))

    async def close(self) -> None:
        await self._buckets.close()

    def _pending_report(self, name: str) -> UsageReport:
        if name not in self._usage:
            return NO_REPORT
        used, until = self._usage[name]
        return UsageReport(used=used, window_left=max(0.0, until - self._clock.monotonic()))


def open_limiter(settings: Settings, clock: Clock) -> TokenBucketLimiter:
    """Return a limiter over Redis where the settings name one, else over this process's part. The caller closes it."""
    local = MemoryBucketStore(clock, settings.replicas)
    buckets: BucketStore = local
    if settings.redis_url is not None:
        # Imported here: a process without Redis does not load its client.
        from exchanges.rate_limit.redis_store import RedisBucketStore  # noqa: PLC0415

        shared = RedisBucketStore.at(settings.redis_url.get_secret_value())
        buckets = FallbackBucketStore(shared, local, clock)
    return TokenBucketLimiter(buckets, clock, settings.exchange_patience)
