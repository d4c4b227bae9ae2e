"""Token buckets in Redis, and in this process alone while Redis is unavailable."""

import structlog

from exchanges.rate_limit.memory_store import BucketStore, MemoryBucketStore
from exchanges.rate_limit.token_bucket import NO_REPORT, RateLimit, UsageReport
from runtime.clock import Clock
from runtime.errors import Transient

_log = structlog.get_logger(__name__)

RETRY_SECONDS = 5.0
"""Between two attempts to reach Redis again: each delays one call by up to a timeout."""


class FallbackBucketStore:
    """Uses `shared` while it answers (it raises Transient when it does not), else `local`.

    Neither change spends weight twice: local buckets start empty, and what was taken from them is charged to the
    shared ones when those are back.
    """

    def __init__(self, shared: BucketStore, local: MemoryBucketStore, clock: Clock) -> None:
        self._shared = shared
        self._local = local
        self._clock = clock
        self._retry_at = 0.0
        self._unavailable = False

    async def take(
        self, name: str, limit: RateLimit, weight: float, report: UsageReport = NO_REPORT
    ) -> float:
        """As `BucketStore.take`; raises nothing, since one of the two stores always answers."""
        if self._unavailable and self._clock.monotonic() < self._retry_at:
            return await self._local.take(name, limit, weight, report)
        local = self._local.export_usage(name)
        blocked_for = max(local.blocked_for, report.blocked_for)
        combined = UsageReport(local.debt, blocked_for, report.used, report.window_left)
        try:
            wait = await self._shared.take(name, limit, weight, combined)
        except Transient as error:
            self._switch_to_local(error)
            return await self._local.take(name, limit, weight, report)
        self._switch_to_shared()
        self._local.forget(name)
        return wait

    async def close(self) -> None:
        await self._shared.close()

    def _switch_to_local(self, error: Transient) -> None:
        self._retry_at = self._clock.monotonic() + RETRY_SECONDS
        if not self._unavailable:
            self._unavailable = True
            self._local.forget()
            _log.warning("budget.redis_lost", error=str(error), retry_seconds=RETRY_SECONDS)

    def _switch_to_shared(self) -> None:
        if self._unavailable:
            self._unavailable = False
            _log.info("budget.redis_restored")
