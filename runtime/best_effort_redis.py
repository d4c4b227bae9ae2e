"""Redis as an optional helper: short timeouts, and a pause after a call that failed."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from runtime.clock import Clock
from runtime.errors import ConfigurationError
from runtime.redaction import ESCAPE_ADVICE
from runtime.redis_scripts import RedisScripts

_log = structlog.get_logger(__name__)

CALL_TIMEOUT = 0.25
BACKOFF_SECONDS = 5.0
"""Seconds: the timeout of one call, and how long Redis is not called after a call that failed."""


INVALID_REDIS_URL = (
    "STRANDLINE_REDIS_URL is not valid: use redis://user:password@host:port/0, or rediss:// for TLS, and "
    f"{ESCAPE_ADVICE}"
)


def check_redis_url(url: str) -> None:
    """Raise ConfigurationError where a password with an unescaped character would be taken for a host."""
    _, _, rest = url.partition("://")
    if re.search(r"[/?#].*@", rest) and not url.startswith("unix:"):
        raise ConfigurationError(INVALID_REDIS_URL)


class BestEffortRedis:
    """Redis that never delays its caller: a call without an answer in `timeout` seconds returns None. Close it."""

    def __init__(self, client: Redis, clock: Clock, timeout: float = CALL_TIMEOUT) -> None:
        self.client = client
        self._clock = clock
        self._timeout = timeout
        self._retry_at = clock.monotonic()
        self.scripts = RedisScripts(client, self.call)

    @classmethod
    def from_url(cls, url: str, clock: Clock, timeout: float = CALL_TIMEOUT) -> "BestEffortRedis":
        """Build a client that connects on first use. Raises ConfigurationError for an invalid URL."""
        check_redis_url(url)
        try:
            # Its own timeouts are off: `call` bounds every call, and redis-py's may swallow a cancellation.
            client = Redis.from_url(
                url, socket_timeout=None, socket_connect_timeout=None, retry=Retry(NoBackoff(), 1)
            )
        except ValueError:  # its text may repeat a part of a password
            raise ConfigurationError(INVALID_REDIS_URL) from None
        return cls(client, clock, timeout)

    async def call(self, request: Callable[[], Awaitable[Any]], *, always: bool = False) -> Any:
        """Return the result of `request`; None when Redis refused it or did not answer in time.

        After a failed call the next ones return None at once for BACKOFF_SECONDS, except those with `always`.
        """
        is_paused = self._clock.monotonic() < self._retry_at
        if is_paused and not always:
            return None
        try:
            async with asyncio.timeout(self._timeout):
                return await request()
        except (RedisError, OSError, TimeoutError) as error:
            if not is_paused:
                self._retry_at = self._clock.monotonic() + BACKOFF_SECONDS
                _log.warning(
                    "redis.call_failed", error=f"{type(error).__name__}: {error}", seconds=BACKOFF_SECONDS
                )
            return None

    async def close(self) -> None:
        await self.client.aclose()
