"""Redis as a convenience: short waits, and after one that failed it is left alone for some seconds."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from runtime.clock import Clock
from runtime.errors import ConfigurationError

_log = structlog.get_logger(__name__)

ANSWERS_WITHIN = 0.25
LEFT_ALONE = 5.0
"""Seconds: how long one call may take, and how long Redis is left alone once it did not answer."""


class PatientRedis:
    """Never in the way: what Redis does not answer in time is None. Close it."""

    def __init__(self, client: Redis, clock: Clock) -> None:
        self.client = client
        self._clock = clock
        self._left_alone_until = clock.monotonic()

    @classmethod
    def at(cls, url: str, clock: Clock) -> "PatientRedis":
        """Connects when first used. Raises ConfigurationError for what is no Redis URL."""
        try:
            # Its own timeouts are off: `tried` bounds every call, and redis-py's may swallow a cancellation.
            client = Redis.from_url(
                url, socket_timeout=None, socket_connect_timeout=None, retry=Retry(NoBackoff(), 1)
            )
        except ValueError as error:
            raise ConfigurationError(f"STRANDLINE_REDIS_URL: {error}") from None
        return cls(client, clock)

    async def tried(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """What `call` gives; None where Redis did not answer in time, or was not asked."""
        if self._clock.monotonic() < self._left_alone_until:
            return None
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                return await call()
        except (RedisError, OSError, TimeoutError) as error:
            self._left_alone_until = self._clock.monotonic() + LEFT_ALONE
            _log.warning("cache.away", error=f"{type(error).__name__}: {error}", seconds=LEFT_ALONE)
            return None

    async def close(self) -> None:
        await self.client.aclose()
