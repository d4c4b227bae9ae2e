"""Leave to call an exchange: waiting for it, in turn, within a bound."""

import asyncio
from collections import defaultdict
from typing import Protocol

import structlog

from exchanges.ports import OverBudget
from exchanges.rate_limit.fallback_store import SharedBuckets
from exchanges.rate_limit.memory_store import Buckets, LocalBuckets
from exchanges.rate_limit.redis_store import RedisBuckets
from exchanges.rate_limit.token_bucket import NO_NEWS, Limit, News
from runtime.clock import Clock
from runtime.metrics import BUDGET_REFUSED, BUDGET_SPENT, BUDGET_WAIT
from runtime.settings import Settings

_log = structlog.get_logger(__name__)


class Budget(Protocol):
    """What everything that calls exchanges from one address spends together. `name` is that of a bucket."""

    async def spend(self, name: str, limit: Limit, weight: float) -> None:
        """Returns when the call may go. Raises OverBudget, at once, when that would take too long."""
        ...

    def counted(self, name: str, news: News) -> None:
        """The exchange said how much it has counted."""
        ...

    async def stay_away(self, name: str, limit: Limit, seconds: float) -> None:
        """The exchange wants no call for so long, from nobody behind this address."""
        ...

    async def close(self) -> None: ...


class TokenBudget:
    """A Budget of token buckets. `patience`: seconds that a call may wait for its turn.

    The calls under one limit go in the order they came, one asking the buckets at a time; other limits are not held
    up. A call that is cancelled while it waits has taken nothing.
    """

    def __init__(self, buckets: Buckets, clock: Clock, patience: float) -> None:
        self._buckets = buckets
        self._clock = clock
        self._patience = patience
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._counted: dict[str, tuple[float, float]] = {}

    async def spend(self, name: str, limit: Limit, weight: float) -> None:
        began = self._clock.monotonic()
        deadline = began + self._patience
        # Nobody holds the turn beyond a deadline that is earlier than those of all behind.
        async with self._turns[name]:
            while (wait := await self._buckets.take(name, limit, weight, self._news(name))) > 0:
                if self._clock.monotonic() + wait > deadline:
                    BUDGET_REFUSED.labels(name).inc()
                    raise OverBudget(f"{name} is not to be asked for another {wait:.1f} s", retry_after=wait)
                await self._clock.sleep(wait)
        BUDGET_SPENT.labels(name).inc(weight)
        BUDGET_WAIT.labels(name).inc(self._clock.monotonic() - began)

    def counted(self, name: str, news: News) -> None:
        """Told to the buckets with the next call."""
        self._counted[name] = news.used, self._clock.monotonic() + news.left

    async def stay_away(self, name: str, limit: Limit, seconds: float) -> None:
        _log.warning("budget.told_to_stay_away", budget=name, seconds=round(seconds, 1))
        await self._buckets.take(name, limit, 0, News(closed=seconds))

    async def close(self) -> None:
        await self._buckets.close()

    def _news(self, name: str) -> News:
        if name not in self._counted:
            return NO_NEWS
        used, until = self._counted[name]
        return News(used=used, left=max(0.0, until - self._clock.monotonic()))


def open_budget(settings: Settings, clock: Clock) -> TokenBudget:
    """In Redis where the settings name one, else this process's part. The caller closes it."""
    local = LocalBuckets(clock, settings.replicas)
    buckets: Buckets = local
    if settings.redis_url is not None:
        shared = RedisBuckets.at(settings.redis_url.get_secret_value())
        buckets = SharedBuckets(shared, local, clock)
    return TokenBudget(buckets, clock, settings.exchange_patience)
