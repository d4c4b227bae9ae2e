"""The port for storing token buckets, and its implementation in the memory of one process."""

from typing import Protocol

from exchanges.rate_limit.token_bucket import NO_REPORT, BucketState, RateLimit, TokenRate, UsageReport, take
from runtime.clock import Clock


class BucketStore(Protocol):
    """Token buckets by name (`binance:spot`), one for each limit of an exchange."""

    async def take(
        self, name: str, limit: RateLimit, weight: float, report: UsageReport = NO_REPORT
    ) -> float:
        """Apply `report`, then take `weight` and return 0, or take nothing and return the seconds to wait.

        A weight of 0 applies the report only.
        """
        ...

    async def close(self) -> None: ...


class MemoryBucketStore:
    """Buckets of one of `sharers` processes behind one address, each of which uses its part of every limit."""

    def __init__(self, clock: Clock, sharers: int) -> None:
        self._clock = clock
        self._sharers = sharers
        self._buckets: dict[str, tuple[BucketState, TokenRate]] = {}

    async def take(
        self, name: str, limit: RateLimit, weight: float, report: UsageReport = NO_REPORT
    ) -> float:
        now, token_rate = self._clock.monotonic(), TokenRate.from_limit(limit, self._sharers)
        bucket, _ = self._buckets.get(name, (BucketState(at=now), token_rate))
        bucket, wait = take(bucket, token_rate, weight, now, report)
        self._buckets[name] = bucket, bucket.known_rate or token_rate
        return wait

    def export_usage(self, name: str) -> UsageReport:
        """Return what another store must apply when it takes over this bucket."""
        if name not in self._buckets:
            return NO_REPORT
        bucket, token_rate = self._buckets[name]
        now = self._clock.monotonic()
        tokens = min(token_rate.burst, bucket.tokens + token_rate.rate * (now - bucket.at))
        return UsageReport(debt=token_rate.burst - tokens, blocked_for=max(0.0, bucket.blocked_until - now))

    def forget(self, name: str | None = None) -> None:
        """Drop the bucket of that name, or all of them; a dropped bucket starts empty."""
        if name is None:
            self._buckets.clear()
        else:
            self._buckets.pop(name, None)

    async def close(self) -> None:
        """Do nothing: no resource is open."""
