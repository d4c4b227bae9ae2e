"""Buckets in Redis, and while it is away those of this process alone."""

import structlog

from exchanges.rate_limit.memory_store import Buckets, LocalBuckets
from exchanges.rate_limit.token_bucket import NO_NEWS, Limit, News
from runtime.clock import Clock
from runtime.errors import Transient

_log = structlog.get_logger(__name__)

ASK_AGAIN = 5.0
"""Seconds between two looks whether Redis is back: each costs one call the wait for an answer that may not come."""


class SharedBuckets:
    """`shared` while it answers (it raises Transient when not), else `local`.

    Neither change is a way to spend twice: the local ones start empty, and what was taken from them is taken from the
    shared ones when those are back.
    """

    def __init__(self, shared: Buckets, local: LocalBuckets, clock: Clock) -> None:
        self._shared = shared
        self._local = local
        self._clock = clock
        self._ask_at = 0.0
        self._away = False

    async def take(self, name: str, limit: Limit, weight: float, news: News = NO_NEWS) -> float:
        """Raises nothing: some bucket always answers."""
        if self._away and self._clock.monotonic() < self._ask_at:
            return await self._local.take(name, limit, weight, news)
        handed = self._local.handed_over(name)
        told = News(handed.debt, max(handed.closed, news.closed), news.used, news.left)
        try:
            wait = await self._shared.take(name, limit, weight, told)
        except Transient as error:
            self._lost(error)
            return await self._local.take(name, limit, weight, news)
        self._found()
        self._local.forget(name)
        return wait

    async def close(self) -> None:
        await self._shared.close()

    def _lost(self, error: Transient) -> None:
        self._ask_at = self._clock.monotonic() + ASK_AGAIN
        if not self._away:
            self._away = True
            self._local.forget()
            _log.warning("budget.alone", error=str(error), retry_seconds=ASK_AGAIN)

    def _found(self) -> None:
        if self._away:
            self._away = False
            _log.info("budget.shared_again")
